package io.batchinfer.pack;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * Rows that wait for others like them, until they fill a request or no further row is to come. Not
 * thread-safe.
 */
public final class OpenPacks {
  /**
   * Bytes of inputs in one request. Providers that count tokens allow about 300,000 in all, and
   * text has about two bytes per token at least.
   */
  static final int MOST_BYTES = 512 << 10;

  /** Bytes of inputs that wait, however many kinds of rows there are. */
  static final long MOST_WAITING = 8L << 20;

  /** What a waiting row takes beside its bytes. */
  private static final long ROW_BYTES = 1L << 10;

  private final IntSupplier mostRows;
  private final Map<Likeness, Pack> open = new HashMap<>();
  private long waiting;

  /**
   * @param mostRows rows that a request may hold, 1 at least
   */
  public OpenPacks(IntSupplier mostRows) {
    this.mostRows = mostRows;
  }

  private static final class Pack {
    private final List<PackRow> rows = new ArrayList<>();
    private long bytes;

    void add(PackRow row) {
      rows.add(row);
      bytes += row.packable().bytes();
    }
  }

  /** Takes a row in; returns the rows of a request that is to go out now, empty where none is. */
  public Optional<List<PackRow>> add(PackRow row) {
    Likeness likeness = row.packable().likeness();
    Pack pack = open.computeIfAbsent(likeness, unused -> new Pack());
    Optional<List<PackRow>> leaving = Optional.empty();
    if (!pack.rows.isEmpty() && pack.bytes + row.packable().bytes() > MOST_BYTES) {
      leaving = Optional.of(close(likeness));
      pack = new Pack();
      open.put(likeness, pack);
    }
    pack.add(row);
    waiting += bytes(row);
    if (leaving.isPresent()) {
      return leaving;
    }
    if (pack.rows.size() >= mostRows.getAsInt()) {
      return Optional.of(close(likeness));
    }
    return waiting > MOST_WAITING ? fullest() : Optional.empty();
  }

  /** The rows of the fullest request; empty where no row waits. */
  public Optional<List<PackRow>> fullest() {
    return open.entrySet().stream()
        .max(Comparator.comparingInt(each -> each.getValue().rows.size()))
        .map(each -> close(each.getKey()));
  }

  private List<PackRow> close(Likeness likeness) {
    Pack pack = open.remove(likeness);
    if (pack == null) {
      return List.of();
    }
    for (PackRow row : pack.rows) {
      waiting -= bytes(row);
    }
    return pack.rows;
  }

  private static long bytes(PackRow row) {
    return row.packable().bytes() + ROW_BYTES;
  }
}

package io.batchinfer.engine.send;

import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.PromptPrefix;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hands on rows together that begin alike, the longest common beginnings next to each other. Reads
 * ahead as far as memory allows, usually the whole split; rows that share no beginning with any
 * other keep their order. All workers order by the same hashes, so those at different splits go
 * through common beginnings at about the same time.
 */
final class PrefixOrder implements RowOrder {
  /** Bytes of bodies that are held at most, if the process has room for them. */
  private static final long MOST_HELD = 32L << 20;

  /** Of what rows may take together, the part that one worker holds. */
  private static final int SHARE = 8;

  private final long mostHeld;

  /**
   * @param share bytes for rows of the run in this process
   */
  PrefixOrder(long share) {
    this.mostHeld = Math.min(MOST_HELD, share / SHARE);
  }

  @Override
  public OpenRows of(OpenRows asRead) {
    return new Ordered(asRead);
  }

  private record Held(OpenRows.OpenRow row, long[] prefix) {}

  private final class Ordered implements OpenRows {
    private final OpenRows asRead;
    private final PromptPrefix prefixes = new PromptPrefix();
    private final Deque<OpenRow> ready = new ArrayDeque<>();
    private final List<Held> held = new ArrayList<>();
    private long bytes;

    Ordered(OpenRows asRead) {
      this.asRead = asRead;
    }

    @Override
    public @Nullable OpenRow next() throws IOException {
      if (ready.isEmpty()) {
        OpenRow unsent = fill();
        if (unsent != null) {
          return unsent;
        }
      }
      return ready.poll();
    }

    /** Reads ahead; returns a row that takes no part in the order, or null when all are ready. */
    private @Nullable OpenRow fill() throws IOException {
      while (bytes < mostHeld) {
        OpenRow row = asRead.next();
        if (row == null) {
          break;
        }
        if (!(row.fate() instanceof RowFate.Sent sent)) {
          return row;
        }
        Request request = sent.request();
        held.add(new Held(row, prefixes.of(request)));
        bytes += request.body().length;
      }
      ready.addAll(ordered(held));
      held.clear();
      bytes = 0;
      return null;
    }
  }

  private static List<OpenRows.OpenRow> ordered(List<Held> asRead) {
    List<Held> rows = new ArrayList<>(asRead);
    // Stable: rows with the same beginning, or with none, stay in the order of the input.
    rows.sort(Comparator.comparing(Held::prefix, Arrays::compare));
    int[] shared = shared(rows);
    boolean alike = false;
    for (int depth : shared) {
      alike |= depth > 0;
    }
    if (!alike) {
      return asRead.stream().map(Held::row).toList();
    }
    List<OpenRows.OpenRow> ordered = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      Held row = rows.get(i);
      ordered.add(shared[i] == 0 ? row.row() : row.row().inGroup(row.prefix()[shared[i] - 1]));
    }
    return ordered;
  }

  /** How many blocks each row has in common with a neighbour. */
  private static int[] shared(List<Held> rows) {
    int[] shared = new int[rows.size()];
    for (int i = 1; i < shared.length; i++) {
      int common = common(rows.get(i - 1).prefix(), rows.get(i).prefix());
      shared[i - 1] = Math.max(shared[i - 1], common);
      shared[i] = common;
    }
    return shared;
  }

  private static int common(long[] one, long[] other) {
    int mismatch = Arrays.mismatch(one, other);
    return mismatch < 0 ? one.length : mismatch;
  }
}

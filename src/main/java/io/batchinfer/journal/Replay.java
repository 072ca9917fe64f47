package io.batchinfer.journal;

import io.batchinfer.model.Counts;
import io.batchinfer.storage.FileStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What segments hold of one split. Entries that are no longer what was written are not there: their
 * rows are open.
 *
 * @param ranges where the entries stand, oldest first
 * @param settled lines, from 0 in the split, that have an outcome
 * @param provisional those whose newest outcome a resume may reopen
 * @param counts what the rows add up to: the newest outcome of each, the cost of all tries
 * @param damaged ranges that were left out
 */
public record Replay(
    List<SegmentRange> ranges, BitSet settled, BitSet provisional, Counts counts, int damaged) {

  private static final Replay NOTHING = new Reading().done();

  /** Reads the split's entries in those segments. */
  public static Replay of(
      FileStore store, String folder, int split, Collection<SegmentName> segments) {
    return of(store, folder, Set.of(split), segments).getOrDefault(split, NOTHING);
  }

  /** Reads the entries of several splits at once; those without any are left out. */
  public static Map<Integer, Replay> of(
      FileStore store, String folder, Set<Integer> splits, Collection<SegmentName> segments) {
    Map<Integer, Reading> readings = new TreeMap<>();
    List<SegmentName> ordered = segments.stream().sorted().toList();
    int from = 0;
    while (from < ordered.size()) {
      int to = from + 1;
      while (to < ordered.size() && ordered.get(to).isOfTheTimeOf(ordered.get(from))) {
        to++;
      }
      read(store, folder, splits, ordered.subList(from, to), readings);
      from = to;
    }
    Map<Integer, Replay> replays = new TreeMap<>();
    readings.forEach((split, reading) -> replays.put(split, reading.done()));
    return replays;
  }

  /** To be called oldest first, with all segments of a time at once. */
  private static void read(
      FileStore store,
      String folder,
      Set<Integer> splits,
      List<SegmentName> sameTime,
      Map<Integer, Reading> readings) {
    Map<SegmentRange, SegmentReader> found = new TreeMap<>(SplitAssembler.OLDEST_FIRST);
    List<SegmentReader> open = new ArrayList<>();
    try {
      for (SegmentName name : sameTime) {
        try (SegmentReader directories = SegmentReader.open(store, folder, name)) {
          SegmentReader segment = SegmentReader.openEntries(store, folder, name);
          open.add(segment);
          for (SegmentRange range : directories.directory(0).ranges()) {
            if (splits.contains(range.split())) {
              found.put(range, segment);
            }
          }
        }
      }
      found.forEach(
          (range, segment) ->
              readings.computeIfAbsent(range.split(), unused -> new Reading()).add(range, segment));
    } finally {
      open.forEach(SegmentReader::close);
    }
  }

  /**
   * Lines of the split that need not run again.
   *
   * @param reopenProvisional whether expired and cancelled rows run again
   */
  public BitSet settledLines(boolean reopenProvisional) {
    BitSet lines = (BitSet) settled.clone();
    if (reopenProvisional) {
      lines.andNot(provisional);
    }
    return lines;
  }

  private static final class Reading {
    private final List<SegmentRange> ranges = new ArrayList<>();
    private final EntryTally tally = new EntryTally();
    private final Map<Integer, JournalEntry> newest = new HashMap<>();
    private int damaged;

    void add(SegmentRange range, SegmentReader segment) {
      byte @Nullable [] bytes = segment.entries(range);
      if (bytes == null) {
        damaged++;
        return;
      }
      ranges.add(range);
      ByteBuffer entries = ByteBuffer.wrap(bytes);
      while (entries.hasRemaining()) {
        JournalEntry entry = JournalEntry.decodeWithoutLine(entries);
        tally.addCost(entry);
        newest.put(entry.line(), entry);
      }
    }

    Replay done() {
      BitSet settled = new BitSet();
      BitSet provisional = new BitSet();
      for (JournalEntry entry : newest.values()) {
        settled.set(entry.line());
        provisional.set(entry.line(), entry.provisional());
        tally.addOutcome(entry);
      }
      return new Replay(List.copyOf(ranges), settled, provisional, tally.counts(), damaged);
    }
  }
}

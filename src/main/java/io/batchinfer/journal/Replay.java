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

  /** Reads the split's entries in those segments. */
  public static Replay of(
      FileStore store, String folder, int split, Collection<SegmentName> segments) {
    Reading reading = new Reading();
    List<SegmentName> ordered = segments.stream().sorted().toList();
    int from = 0;
    while (from < ordered.size()) {
      int to = from + 1;
      while (to < ordered.size() && ordered.get(to).isOfTheTimeOf(ordered.get(from))) {
        to++;
      }
      reading.add(store, folder, split, ordered.subList(from, to));
      from = to;
    }
    return reading.done();
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

    /** To be called oldest first, with all segments of a time at once. */
    void add(FileStore store, String folder, int split, List<SegmentName> sameTime) {
      Map<SegmentRange, SegmentReader> found = new TreeMap<>(SplitAssembler.OLDEST_FIRST);
      List<SegmentReader> open = new ArrayList<>();
      try {
        for (SegmentName name : sameTime) {
          SegmentReader segment = SegmentReader.open(store, folder, name);
          open.add(segment);
          for (SegmentRange range : segment.directory(0).ranges()) {
            if (range.split() == split) {
              found.put(range, segment);
            }
          }
        }
        found.forEach(this::add);
      } finally {
        open.forEach(SegmentReader::close);
      }
    }

    private void add(SegmentRange range, SegmentReader segment) {
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

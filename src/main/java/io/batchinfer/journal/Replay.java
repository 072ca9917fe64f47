package io.batchinfer.journal;

import io.batchinfer.model.Counts;
import io.batchinfer.storage.FileStore;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which rows of a split are settled. */
public final class Replay {
  private Replay() {}

  /**
   * Lines of the split that need not run again.
   *
   * @param reopenProvisional whether expired and cancelled rows run again
   */
  public static BitSet settledLines(
      FileStore store, String folder, List<SegmentRange> ranges, boolean reopenProvisional) {
    BitSet settled = new BitSet();
    for (SegmentRange range : ranges.stream().sorted(SplitAssembler.OLDEST_FIRST).toList()) {
      ByteBuffer entries = ByteBuffer.wrap(SegmentReader.read(store, folder, range));
      while (entries.hasRemaining()) {
        JournalEntry entry = JournalEntry.decode(entries);
        settled.set(entry.line(), !(reopenProvisional && entry.provisional()));
      }
    }
    return settled;
  }

  /**
   * What the settled rows of a split add up to: the newest outcome of each, the cost of all tries.
   */
  public static Counts counts(FileStore store, String folder, List<SegmentRange> ranges) {
    EntryTally tally = new EntryTally();
    Map<Integer, JournalEntry> newest = new HashMap<>();
    for (SegmentRange range : ranges.stream().sorted(SplitAssembler.OLDEST_FIRST).toList()) {
      ByteBuffer entries = ByteBuffer.wrap(SegmentReader.read(store, folder, range));
      while (entries.hasRemaining()) {
        JournalEntry entry = JournalEntry.decode(entries);
        tally.addCost(entry);
        newest.put(entry.line(), entry.withoutLine());
      }
    }
    newest.values().forEach(tally::addOutcome);
    return tally.counts();
  }
}

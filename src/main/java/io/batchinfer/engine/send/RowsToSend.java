package io.batchinfer.engine.send;

import io.batchinfer.engine.SplitClaim;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.FailedRows;
import io.batchinfer.journal.PartCursor;
import io.batchinfer.journal.Replay;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Which lines of a claimed split are not to be sent, counted from 0 in the split.
 *
 * @param settled lines that have their outcome already
 * @param answered lines that run again although the endpoint refused them: a new request each
 * @param round how often the split was reopened
 * @param blamed lines that a worker died of
 * @param alone whether one line at a time is to be sent
 */
record RowsToSend(BitSet settled, BitSet answered, int round, BitSet blamed, boolean alone) {

  /** The reopening that made a refusal of the row void; 0 where the endpoint did not refuse it. */
  int roundOf(int line) {
    return answered.get(line) ? round : 0;
  }

  static RowsToSend of(
      JobFolder folder, Plan plan, RowKey keys, SplitClaim claimed, Replay replay) {
    Split split = plan.splits().get(claimed.split());
    BitSet settled = replay.settledLines(claimed.closing().isEmpty());
    BitSet blamed = new BitSet();
    claimed.blamed().forEach(blamed::set);
    Optional<ReopenedSplit> reopened = claimed.reopened();
    if (reopened.isEmpty()) {
      return new RowsToSend(settled, new BitSet(), 0, blamed, claimed.alone());
    }
    FailedRows failed =
        FailedRows.read(
            folder.store(),
            keys,
            split,
            folder.errorPart(split.index(), plan.splits().size()),
            reopened.get().again());
    BitSet open = (BitSet) failed.open().clone();
    open.or(leftOutBefore(folder, plan, keys, split));
    open.flip(0, split.lines());
    settled.or(open);
    return new RowsToSend(
        settled, failed.answered(), reopened.get().round(), blamed, claimed.alone());
  }

  /** Rows equal to earlier ones that are in neither part. */
  private static BitSet leftOutBefore(JobFolder folder, Plan plan, RowKey keys, Split split) {
    BitSet equal = new BitSet();
    if (plan.equalRows() > 0) {
      BitSet ofUnit = folder.equalLines(split.unit());
      equal = ofUnit.get(split.unitLine(), split.unitLine() + split.lines());
    }
    if (!equal.isEmpty()) {
      int splits = plan.splits().size();
      for (String part :
          List.of(
              folder.resultPart(split.index(), splits), folder.errorPart(split.index(), splits))) {
        try (PartCursor rows = new PartCursor(folder.store(), keys, split, part)) {
          for (; rows.line() != PartCursor.END; rows.advance()) {
            equal.clear(rows.line());
          }
        }
      }
    }
    return equal;
  }
}

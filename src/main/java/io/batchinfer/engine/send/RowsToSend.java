package io.batchinfer.engine.send;

import io.batchinfer.engine.SplitClaim;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.FailedRows;
import io.batchinfer.journal.Replay;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import java.util.BitSet;
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
      JobFolder folder, int splits, RowKey keys, Split split, SplitClaim claimed, Replay replay) {
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
            folder.errorPart(split.index(), splits),
            reopened.get().again());
    BitSet kept = (BitSet) failed.open().clone();
    kept.flip(0, split.lines());
    settled.or(kept);
    return new RowsToSend(
        settled, failed.answered(), reopened.get().round(), blamed, claimed.alone());
  }
}

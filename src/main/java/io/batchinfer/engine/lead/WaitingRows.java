package io.batchinfer.engine.lead;

import io.batchinfer.model.PartCounts;
import io.batchinfer.model.ReopenedSplit;
import java.util.SortedMap;

/** Takes up rows that were left out of published splits until equal rows have their answers. */
@FunctionalInterface
public interface WaitingRows {
  /**
   * Brings to the rows what there is for them, and writes down that their splits are reopened.
   *
   * @param waiting published splits that rows were left out of; all others are published too
   * @param epoch first of what is journalled for them from now on
   * @param last whether none may wait any longer: what has no answer is to be sent
   * @return the same splits, as they are reopened
   */
  SortedMap<Integer, ReopenedSplit> reopen(
      SortedMap<Integer, PartCounts> waiting, long epoch, boolean last);
}

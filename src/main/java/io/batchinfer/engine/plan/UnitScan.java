package io.batchinfer.engine.plan;

import io.batchinfer.model.Hash128;
import io.batchinfer.model.PlannedModels;
import java.util.List;

/**
 * What scanning a unit found.
 *
 * @param lines physical lines that begin in the unit
 * @param content hash of the unit's bytes
 * @param splits where to cut it
 * @param invalid rows that can never be sent, duplicates excluded
 * @param firstInvalid the first of them
 * @param ids custom_ids seen
 * @param models of the rows that can be sent; their lines are those of the unit, from 0
 */
record UnitScan(
    int unit,
    int lines,
    Hash128 content,
    List<ScannedSplit> splits,
    long invalid,
    List<InvalidLine> firstInvalid,
    long ids,
    PlannedModels models) {

  /**
   * A split before its place in the whole input is known.
   *
   * @param unitLine line in the unit of its first line, from 0
   */
  record ScannedSplit(
      long start,
      long end,
      int unitLine,
      int lines,
      int rows,
      int invalid,
      Hash128 rowSum,
      long tokens) {}

  /**
   * A line that can never be sent.
   *
   * @param unitLine its line in the unit, from 0
   */
  record InvalidLine(int unitLine, String code, String message) {}
}

package io.batchinfer.report.page;

import java.util.List;

/**
 * The moments that the charts of a job have in common: time at work, run after run, without the
 * time between the runs.
 *
 * @param at moments in milliseconds at work, growing
 * @param length milliseconds from the beginning to the end, at least 1
 * @param cuts where a later run begins, in milliseconds at work
 */
record TimeFrame(double[] at, double length, List<Double> cuts) {
  TimeFrame {
    cuts = List.copyOf(cuts);
  }

  /** Where a moment is, from 0 to 1. */
  double share(double millis) {
    return millis / length;
  }
}

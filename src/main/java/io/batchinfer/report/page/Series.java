package io.batchinfer.report.page;

import java.util.Arrays;

/**
 * One line of a chart over time.
 *
 * @param name as the legend and the table have it
 * @param style class of its colour
 * @param kind how it is drawn
 * @param values one for each moment of the chart; NaN where none is known
 */
record Series(String name, String style, Kind kind, double[] values) {

  /** How a series is drawn. */
  enum Kind {
    LINE,
    /** A line with the ground below it filled. */
    AREA,
    /** A dashed line in steps: what the others may not exceed. */
    LIMIT
  }

  /** The largest known value; 0 where none is. */
  double max() {
    return Arrays.stream(values).filter(value -> !Double.isNaN(value)).max().orElse(0);
  }

  boolean isKnown() {
    return Arrays.stream(values).anyMatch(value -> !Double.isNaN(value));
  }

  /** Whether any value is known and not 0. */
  boolean isPositive() {
    return max() > 0;
  }
}

package io.batchinfer.model;

import java.util.Arrays;

/**
 * How long answers took, in classes that are half an octave wide, from a millisecond to half an
 * hour. Immutable.
 *
 * @param counts answers by class; empty for none
 */
public record LatencyHistogram(long[] counts) {
  public static final LatencyHistogram NONE = new LatencyHistogram(new long[0]);

  /** Classes: the last one holds everything longer. */
  public static final int CLASSES = 42;

  private static final double CLASSES_PER_OCTAVE = 2;

  /** The class of a duration. */
  public static int classOf(long nanos) {
    double millis = nanos / 1e6;
    int index = millis <= 1 ? 0 : (int) (CLASSES_PER_OCTAVE * Math.log(millis) / Math.log(2));
    return Math.min(CLASSES - 1, index);
  }

  public LatencyHistogram plus(LatencyHistogram other) {
    return combined(other, 1);
  }

  /** What came since an earlier one. */
  public LatencyHistogram minus(LatencyHistogram earlier) {
    return combined(earlier, -1);
  }

  private LatencyHistogram combined(LatencyHistogram other, int sign) {
    long[] sum = Arrays.copyOf(counts, Math.max(counts.length, other.counts.length));
    for (int i = 0; i < other.counts.length; i++) {
      sum[i] += sign * other.counts[i];
    }
    return new LatencyHistogram(sum);
  }

  public long total() {
    return Arrays.stream(counts).sum();
  }

  /**
   * The duration below which that share of the answers stayed, in milliseconds, as the geometric
   * middle of its class; 0 where there are no answers.
   */
  public double quantileMillis(double share) {
    long total = total();
    long wanted = (long) Math.ceil(share * total);
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= wanted && seen > 0) {
        return Math.pow(2, (i + 0.5) / CLASSES_PER_OCTAVE);
      }
    }
    return 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LatencyHistogram histogram && Arrays.equals(counts, histogram.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return "LatencyHistogram" + Arrays.toString(counts);
  }
}

package io.batchinfer.course;

import java.util.Arrays;

/**
 * How many tokens rows had, in classes: none, one, and then half octaves, up to some 500 million.
 * Immutable.
 *
 * @param counts rows by class; shorter than {@link #CLASSES} where the last ones are 0
 */
public record TokenHistogram(long[] counts) {
  public static final TokenHistogram NONE = new TokenHistogram(new long[0]);

  /** Classes: the last one holds everything above. */
  public static final int CLASSES = 60;

  /** The class of a number of tokens. */
  public static int classOf(long tokens) {
    if (tokens <= 0) {
      return 0;
    }
    int octave = 63 - Long.numberOfLeadingZeros(tokens);
    // The upper half of an octave begins at its square root of two.
    boolean upper = (double) tokens * tokens >= Math.pow(2, 2 * octave + 1);
    return Math.min(CLASSES - 1, 1 + 2 * octave + (upper ? 1 : 0));
  }

  /** The least number of tokens of a class. */
  public static long leastOf(int index) {
    return index == 0 ? 0 : (long) Math.ceil(Math.pow(2, (index - 1) / 2.0) - 1e-9);
  }

  /** What both counted. */
  public TokenHistogram plus(TokenHistogram other) {
    long[] sum = Arrays.copyOf(counts, Math.max(counts.length, other.counts.length));
    for (int i = 0; i < other.counts.length; i++) {
      sum[i] += other.counts[i];
    }
    return new TokenHistogram(sum);
  }

  public long total() {
    return Arrays.stream(counts).sum();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenHistogram histogram && Arrays.equals(counts, histogram.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return "TokenHistogram" + Arrays.toString(counts);
  }
}

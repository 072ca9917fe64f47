package io.batchinfer.model;

/** Sums that stay at the largest number rather than turn negative. */
public final class Saturating {
  private Saturating() {}

  /** The sum, or the number nearest to it. */
  public static long sum(long a, long b) {
    long sum = a + b;
    boolean overflow = ((a ^ sum) & (b ^ sum)) < 0;
    return overflow ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
  }
}

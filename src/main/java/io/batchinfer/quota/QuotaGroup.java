package io.batchinfer.quota;

import java.util.function.IntSupplier;

/**
 * Runs that have one share of an endpoint in common, such as those of a workspace. Guarded by its
 * endpoint's monitor.
 */
public final class QuotaGroup {
  private final double weight;
  private final IntSupplier most;
  private double served;

  /**
   * @param weight share of the endpoint that the group may have, relative to others
   * @param most most requests that its runs may have under way together; asked again and again
   */
  public QuotaGroup(double weight, IntSupplier most) {
    this.weight = weight;
    this.most = most;
  }

  /** A group without a limit of its own. */
  public static QuotaGroup of(double weight) {
    return new QuotaGroup(weight, () -> Integer.MAX_VALUE);
  }

  double weight() {
    return weight;
  }

  /** Most slots of a pool, of which there are so many. */
  int most(int pool, int pools) {
    int all = most.getAsInt();
    return all == Integer.MAX_VALUE ? all : all / pools + (pool < all % pools ? 1 : 0);
  }

  /** Rows given out, by weight. */
  double served() {
    return served;
  }

  void servedRow() {
    served += 1 / weight;
  }

  void catchUpWith(double least) {
    served = Math.max(served, least);
  }
}

package io.batchinfer.policy;

/**
 * A bucket that refills steadily. It starts empty, so that a new owner of a limit cannot add a
 * burst to what its predecessor spent. Capacity and refill together never let more than the limit
 * through in any minute. Not thread-safe.
 */
public final class TokenBucket {
  private static final double NANOS_PER_MINUTE = 60e9;

  private final double capacity;
  private final double perNano;
  private double available;
  private long updatedAt;

  /**
   * @param perMinute units per minute
   * @param capacity units that may be saved up
   * @param now ticker time in nanoseconds
   */
  public TokenBucket(double perMinute, double capacity, long now) {
    if (perMinute <= 0 || capacity <= 0) {
      throw new IllegalArgumentException("a bucket needs a rate and a capacity above zero");
    }
    this.capacity = Math.min(capacity, perMinute / 2);
    this.perNano = (perMinute - this.capacity) / NANOS_PER_MINUTE;
    this.updatedAt = now;
  }

  /**
   * Takes the cost if the bucket holds it; a cost above the capacity needs a full bucket and leaves
   * a debt.
   */
  public boolean tryTake(double cost, long now) {
    refill(now);
    if (available < Math.min(cost, capacity)) {
      return false;
    }
    available -= cost;
    return true;
  }

  /**
   * Gives back, or charges when negative, the difference between an estimate and what it came to.
   */
  public void refund(double units) {
    available = Math.min(capacity, available + units);
  }

  /** Units available now; negative while a debt is paid off. */
  public double available(long now) {
    refill(now);
    return available;
  }

  private void refill(long now) {
    if (now > updatedAt) {
      available = Math.min(capacity, available + (now - updatedAt) * perNano);
      updatedAt = now;
    }
  }
}

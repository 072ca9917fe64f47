package io.batchinfer.testing;

import java.util.Random;

/** Which calls of a store go wrong, drawn from a seed. Thread-safe. */
public final class S3Faults {
  private final Random random;
  private final double share;

  private S3Faults(long seed, double share) {
    this.random = new Random(seed);
    this.share = share;
  }

  /** What may become of a call. */
  public enum Fault {
    NONE,
    /** 503, as of a store that is asked for too much. */
    SLOW_DOWN,
    /** 500. */
    INTERNAL_ERROR,
    /** The connection is lost in the middle of what is sent; nothing is done. */
    CUT_REQUEST,
    /** The connection is lost in the middle of the answer; it is done. */
    CUT_ANSWER
  }

  public static S3Faults none() {
    return new S3Faults(0, 0);
  }

  /**
   * All kinds alike often.
   *
   * @param share of all calls that go wrong
   */
  public static S3Faults of(long seed, double share) {
    return new S3Faults(seed, share);
  }

  synchronized Fault next() {
    if (random.nextDouble() >= share) {
      return Fault.NONE;
    }
    Fault[] all = Fault.values();
    return all[1 + random.nextInt(all.length - 1)];
  }
}

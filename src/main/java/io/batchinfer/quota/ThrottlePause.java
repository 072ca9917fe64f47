package io.batchinfer.quota;

import java.time.Duration;

/**
 * How long everyone pauses after a 429 that does not say how long: short at first, so that a window
 * that is about to end costs little, then longer. Not thread-safe.
 */
final class ThrottlePause {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final int LONGEST_FACTOR = 2;
  private static final Duration FORGET_AFTER = Duration.ofSeconds(10);

  private int factor = 1;
  private long until;
  private boolean begun;

  /** The pause that a refusal at that moment begins, 0 when one is under way. */
  long begin(long now) {
    if (begun && now - until < 0) {
      return 0;
    }
    boolean again = begun && now - until < FORGET_AFTER.toNanos();
    factor = again ? Math.min(LONGEST_FACTOR, factor * 2) : 1;
    long pause = FIRST.toNanos() * factor;
    until = now + pause;
    begun = true;
    return pause;
  }
}

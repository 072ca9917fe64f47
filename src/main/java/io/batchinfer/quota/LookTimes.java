package io.batchinfer.quota;

import java.time.Duration;

/**
 * When it is time to look whether a replica that is away is back: soon at first, then less and less
 * often. Not thread-safe.
 */
final class LookTimes {
  private static final Duration FIRST_LOOK = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final double PAUSE_GROWTH = 1.5;

  private long due;
  private double pause;

  /**
   * Begins anew.
   *
   * @param since since when it has been away
   */
  void begin(long since, long now) {
    pause = FIRST_LOOK.toNanos();
    due = Math.max(now, since + FIRST_LOOK.toNanos());
  }

  boolean isDue(long now) {
    return now - due >= 0;
  }

  /** Notes that somebody looks now. */
  void looked(long now) {
    due = now + (long) pause;
    pause = Math.min((double) LONGEST_PAUSE.toNanos(), pause * PAUSE_GROWTH);
  }
}

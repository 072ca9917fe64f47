package io.batchinfer.quota;

/**
 * What a row is charged before its answer tells what it cost. Estimates are scaled by how far off
 * earlier ones were. An endpoint that makes the run pause for much of the time all the same seems
 * to charge what requests allow rather than what they use; then the scale is trusted less. Not
 * thread-safe.
 */
final class TokenCharge {
  private static final int LEAST_ANSWERS = 8;

  /** Answers after which an old one counts a third. */
  private static final double MEMORY = 200;

  private static final double TRUST_LOST = 0.25;
  private static final double TRUST_REGAINED = 0.1;
  private static final double WINDOW_NANOS = 60e9;

  /** Share of a window spent in pauses from which on tokens seem to be counted otherwise. */
  private static final double MUCH_PAUSED = 0.3;

  private static final double LITTLE_PAUSED = 0.15;

  private long answers;
  private double estimated;
  private double used;
  private double trust = 1;
  private long windowFrom;
  private double paused;

  long of(long estimate) {
    if (answers < LEAST_ANSWERS || estimated <= 0) {
      return estimate;
    }
    double scale = used / estimated * trust + (1 - trust);
    return Math.max(1, Math.round(estimate * scale));
  }

  /** Takes in an answer; returns the tokens to give back, negative when more are due. */
  long settle(long estimate, long charged, long usedTokens) {
    answers++;
    estimated = estimated * (1 - 1 / MEMORY) + estimate;
    used = used * (1 - 1 / MEMORY) + usedTokens;
    return Math.round((charged - usedTokens) * trust);
  }

  /** Takes in that refusals make everyone pause. */
  void paused(long nanos, long now) {
    look(now);
    paused += nanos;
  }

  /** Once a window, looks how much of it was spent in pauses. */
  private void look(long now) {
    if (now - windowFrom < WINDOW_NANOS) {
      return;
    }
    if (paused > MUCH_PAUSED * WINDOW_NANOS) {
      trust = Math.max(0, trust - TRUST_LOST);
    } else if (paused < LITTLE_PAUSED * WINDOW_NANOS) {
      trust = Math.min(1, trust + TRUST_REGAINED);
    }
    windowFrom = now;
    paused = 0;
  }
}

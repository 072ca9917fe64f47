package io.batchinfer.quota;

/**
 * What a row is charged before its answer tells what it cost. Estimates are scaled by how far off
 * earlier ones were. An endpoint that refuses all the same seems to charge what requests allow
 * rather than what they use, so the scale is trusted less with every refusal. Not thread-safe.
 */
final class TokenCharge {
  private static final int LEAST_ANSWERS = 20;

  /** Answers after which an old one counts a third. */
  private static final double MEMORY = 200;

  private static final double TRUST_LOST = 0.25;
  private static final double TRUST_REGAINED = 0.0005;

  private long answers;
  private double estimated;
  private double used;
  private double trust = 1;

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
    trust = Math.min(1, trust + TRUST_REGAINED);
    return Math.round((charged - usedTokens) * trust);
  }

  void refused() {
    trust = Math.max(0, trust - TRUST_LOST);
  }
}

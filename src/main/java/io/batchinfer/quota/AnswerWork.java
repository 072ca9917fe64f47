package io.batchinfer.quota;

/**
 * How much work an answer was, compared with a usual one, by what earlier answers tell about time
 * and length: where time goes with the tokens, tokens count; where it does not, each answer is one.
 * Only the shape of that relation matters (fixed part against time per token), which stays the same
 * when the endpoint gets slower as a whole. Not thread-safe.
 */
final class AnswerWork {
  private static final int LEAST_ANSWERS = 30;

  /** Answers after which an old one counts a third. */
  private static final double MEMORY = 500;

  /** Share of the variance in time that tokens must explain before they count. */
  private static final double EXPLAINED = 0.2;

  private long answers;
  private double weight;
  private double meanTokens;
  private double meanSeconds;
  private double varianceTokens;
  private double varianceSeconds;
  private double covariance;
  private double usualTokens;

  /** Work of an answer of that length which took so long; about 1 for a usual one. */
  double of(long tokens, double seconds) {
    learn(tokens, seconds);
    if (answers < LEAST_ANSWERS) {
      return 1;
    }
    if (usualTokens == 0) {
      usualTokens = Math.max(1, meanTokens);
    }
    double explained = covariance * covariance;
    if (covariance <= 0 || explained < EXPLAINED * varianceTokens * varianceSeconds) {
      return 1;
    }
    double secondsPerToken = covariance / varianceTokens;
    double fixedSeconds = Math.max(0, meanSeconds - secondsPerToken * meanTokens);
    double fixedAsTokens = fixedSeconds / secondsPerToken;
    return (fixedAsTokens + tokens) / (fixedAsTokens + usualTokens);
  }

  private void learn(long tokens, double seconds) {
    answers++;
    weight = weight * (1 - 1 / MEMORY) + 1;
    double share = 1 / weight;
    double tokensOff = tokens - meanTokens;
    double secondsOff = seconds - meanSeconds;
    meanTokens += tokensOff * share;
    meanSeconds += secondsOff * share;
    double keep = 1 - share;
    varianceTokens = keep * (varianceTokens + share * tokensOff * tokensOff);
    varianceSeconds = keep * (varianceSeconds + share * secondsOff * secondsOff);
    covariance = keep * (covariance + share * tokensOff * secondsOff);
  }
}

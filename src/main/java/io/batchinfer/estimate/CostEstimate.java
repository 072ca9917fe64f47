package io.batchinfer.estimate;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * What a job will probably cost. Low: short answers; high: every answer as long as it may be. Both
 * allow for a fifth of error where prompts were counted with a stand-in.
 *
 * @param currency ISO 4217 code
 */
public record CostEstimate(BigDecimal low, BigDecimal expected, BigDecimal high, String currency) {
  private static final int UNCERTAIN_SHARE = 5;
  private static final int SHORT_ANSWER_SHARE = 4;
  private static final int DIGITS = 6;

  public static CostEstimate of(TokenEstimate tokens, ModelPrice price) {
    long error = tokens.uncertainPromptTokens() / UNCERTAIN_SHARE;
    long shortAnswers = tokens.expectedCompletionTokens() / SHORT_ANSWER_SHARE;
    return new CostEstimate(
        rounded(price.cost(tokens.promptTokens() - error, shortAnswers)),
        rounded(price.cost(tokens.promptTokens(), tokens.expectedCompletionTokens())),
        rounded(price.cost(tokens.promptTokens() + error, tokens.maxCompletionTokens())),
        price.currency());
  }

  private static BigDecimal rounded(BigDecimal amount) {
    return amount.setScale(DIGITS, RoundingMode.HALF_UP);
  }
}

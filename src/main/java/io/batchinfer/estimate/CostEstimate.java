package io.batchinfer.estimate;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;

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
    return of(tokens, 0, price);
  }

  /**
   * What tokens cost of which some come from the endpoint's cache.
   *
   * @param cached prompt tokens among them that do, where it is known what these cost
   */
  public static CostEstimate of(TokenEstimate tokens, long cached, ModelPrice price) {
    long error = tokens.uncertainPromptTokens() / UNCERTAIN_SHARE;
    long shortAnswers = tokens.expectedCompletionTokens() / SHORT_ANSWER_SHARE;
    BigDecimal saved = price.savedByCache(cached);
    return new CostEstimate(
        rounded(price.cost(tokens.promptTokens() - error, shortAnswers).subtract(saved)),
        rounded(
            price.cost(tokens.promptTokens(), tokens.expectedCompletionTokens()).subtract(saved)),
        rounded(
            price
                .cost(tokens.promptTokens() + error, tokens.maxCompletionTokens())
                .subtract(saved)),
        price.currency());
  }

  /**
   * The sum; empty where there is nothing to add, or where currencies differ.
   *
   * @param costs of the parts
   */
  public static Optional<CostEstimate> sum(List<CostEstimate> costs) {
    return costs.stream().map(CostEstimate::currency).distinct().count() == 1
        ? costs.stream().reduce(CostEstimate::plus)
        : Optional.empty();
  }

  private CostEstimate plus(CostEstimate other) {
    return new CostEstimate(
        low.add(other.low), expected.add(other.expected), high.add(other.high), currency);
  }

  /**
   * The same with a share taken off.
   *
   * @param share from 0 to 1
   */
  public CostEstimate less(BigDecimal share) {
    BigDecimal rest = BigDecimal.ONE.subtract(share);
    return new CostEstimate(
        rounded(low.multiply(rest)),
        rounded(expected.multiply(rest)),
        rounded(high.multiply(rest)),
        currency);
  }

  private static BigDecimal rounded(BigDecimal amount) {
    return amount.setScale(DIGITS, RoundingMode.HALF_UP);
  }
}

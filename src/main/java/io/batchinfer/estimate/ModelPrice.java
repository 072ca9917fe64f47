package io.batchinfer.estimate;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Optional;

/**
 * What a model's tokens cost.
 *
 * @param inputPerMillion price of a million prompt tokens
 * @param outputPerMillion price of a million completion tokens
 * @param cachedPerMillion price of a million prompt tokens that the endpoint had in its cache, if
 *     it is another one
 * @param currency ISO 4217 code
 * @param batchDiscount share that the provider's own batch service takes off, from 0 to 1, if
 *     known; not applied here
 * @param asOf the day on which the price was known to hold
 * @param source whose price list it is
 */
public record ModelPrice(
    BigDecimal inputPerMillion,
    BigDecimal outputPerMillion,
    Optional<BigDecimal> cachedPerMillion,
    String currency,
    Optional<BigDecimal> batchDiscount,
    LocalDate asOf,
    String source) {

  private static final int MILLION_DIGITS = 6;

  /** The exact price of the tokens, none of which come from a cache. */
  public BigDecimal cost(long promptTokens, long completionTokens) {
    return inputPerMillion
        .multiply(BigDecimal.valueOf(promptTokens))
        .add(outputPerMillion.multiply(BigDecimal.valueOf(completionTokens)))
        .movePointLeft(MILLION_DIGITS);
  }
}

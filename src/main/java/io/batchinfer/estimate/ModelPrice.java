package io.batchinfer.estimate;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Optional;

/**
 * What a model's tokens, pages and seconds of audio cost.
 *
 * @param inputPerMillion price of a million prompt tokens
 * @param outputPerMillion price of a million completion tokens
 * @param cachedPerMillion price of a million prompt tokens that the endpoint had in its cache, if
 *     it is another one
 * @param currency ISO 4217 code
 * @param batchDiscount share that the provider's own batch service takes off, from 0 to 1, if
 *     known; not applied here
 * @param perPage price of a page that was read, on top of any tokens
 * @param perSecond price of a second of audio that was heard, on top of any tokens
 * @param asOf the day on which the price was known to hold
 * @param source whose price list it is
 */
public record ModelPrice(
    BigDecimal inputPerMillion,
    BigDecimal outputPerMillion,
    Optional<BigDecimal> cachedPerMillion,
    String currency,
    Optional<BigDecimal> batchDiscount,
    Optional<BigDecimal> perPage,
    Optional<BigDecimal> perSecond,
    LocalDate asOf,
    String source) {

  private static final int MILLION_DIGITS = 6;

  /** Whether it depends on more than tokens, which nothing tells before the answer is there. */
  public boolean countsMoreThanTokens() {
    return perPage.isPresent() || perSecond.isPresent();
  }

  /** How much less prompt tokens cost that come from a cache; nothing where that is not known. */
  BigDecimal savedByCache(long promptTokens) {
    return cachedPerMillion
        .map(inputPerMillion::subtract)
        .orElse(BigDecimal.ZERO)
        .multiply(BigDecimal.valueOf(promptTokens))
        .movePointLeft(MILLION_DIGITS);
  }

  /** The exact price of the tokens, none of which come from a cache. */
  public BigDecimal cost(long promptTokens, long completionTokens) {
    return inputPerMillion
        .multiply(BigDecimal.valueOf(promptTokens))
        .add(outputPerMillion.multiply(BigDecimal.valueOf(completionTokens)))
        .movePointLeft(MILLION_DIGITS);
  }
}

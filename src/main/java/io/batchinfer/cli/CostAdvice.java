package io.batchinfer.cli;

import io.batchinfer.cli.CostWay.Sum;
import io.batchinfer.estimate.CostEstimate;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;

/**
 * Which of the ways to pay is the cheapest, and why.
 *
 * @param why one sentence
 */
record CostAdvice(CostWay way, String why) {
  private static final int PERCENT = 2;

  /** Empty where nothing is known of any price. */
  static Optional<CostAdvice> of(CostForecast forecast) {
    List<Sum> ways = forecast.ways();
    Optional<CostEstimate> sent = cost(ways, CostWay.DEDUPLICATED);
    if (sent.isEmpty()) {
      return Optional.empty();
    }
    CostEstimate interactive = sent.get();
    Optional<CostEstimate> ordered = cost(ways, CostWay.ORDERED);
    Optional<CostEstimate> batch = cost(ways, CostWay.BATCH);
    BigDecimal best = ordered.orElse(interactive).expected();
    if (batch.isPresent() && batch.get().expected().compareTo(best) < 0) {
      return Optional.of(
          new CostAdvice(
              CostWay.BATCH,
              "it costs %s %% less than sending each row, and %s; answers come within its window, often a day"
                  .formatted(
                      off(interactive, batch.get()),
                      ordered.isPresent()
                          ? "an order for the cache %s %%"
                              .formatted(off(interactive, ordered.get()))
                          : "what a cache would take off is not known")));
    }
    if (ordered.isPresent() && best.compareTo(interactive.expected()) < 0) {
      return Optional.of(
          new CostAdvice(
              CostWay.ORDERED,
              "rows begin alike and answers are short, so that the cache takes off %s %%, and %s"
                  .formatted(
                      off(interactive, ordered.get()),
                      batch.isPresent()
                          ? "a batch service %s %%".formatted(off(interactive, batch.get()))
                          : "what a batch service takes off is not known")));
    }
    return Optional.of(
        new CostAdvice(
            CostWay.DEDUPLICATED,
            batch.isPresent()
                ? "a batch service takes nothing off"
                : "what a batch service or a cache would take off is not known or nothing"));
  }

  private static Optional<CostEstimate> cost(List<Sum> ways, CostWay way) {
    return ways.stream().filter(sum -> sum.way() == way).findFirst().flatMap(Sum::cost);
  }

  /** The share that one takes off the other, in percent. */
  private static String off(CostEstimate from, CostEstimate to) {
    return from.expected().signum() == 0
        ? "0"
        : from.expected()
            .subtract(to.expected())
            .movePointRight(PERCENT)
            .divide(from.expected(), 0, RoundingMode.HALF_UP)
            .toPlainString();
  }
}

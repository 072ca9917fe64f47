package io.batchinfer.findings;

import io.batchinfer.config.Option;
import io.batchinfer.config.RateOptions;
import io.batchinfer.course.HeldBy;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The endpoint turned much of what was sent away. */
final class ManyRefusals implements Rule {
  private static final double LEAST_SHARE = 0.1;
  private static final long LEAST_REFUSED = 20;

  @Override
  public String code() {
    return "many_refusals";
  }

  @Override
  public String when() {
    return "At least "
        + Words.percent(LEAST_SHARE)
        + " of the attempts, and no fewer than "
        + LEAST_REFUSED
        + ", were refused for lack of room (429, 503, 529).";
  }

  @Override
  public String advice() {
    return "The limit that was given is higher than what the endpoint allows, or others use the same account or server. Give the true limit of your share; leave the concurrency out, so that the run looks for it.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(
        RateOptions.CONCURRENCY, RateOptions.REQUESTS_PER_MINUTE, RateOptions.TOKENS_PER_MINUTE);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    long refused = figures.refused();
    if (refused < LEAST_REFUSED || figures.refusedShare() < LEAST_SHARE) {
      return Optional.empty();
    }
    return found(
        "The endpoint refused "
            + Words.percent(figures.refusedShare())
            + " of what was sent, for lack of room.",
        String.format(
            Locale.ROOT,
            "%,d of %,d attempts were answered 429, 503 or 529; the run paused for %s.",
            refused,
            figures.attempts(),
            Words.time(figures.held(HeldBy.PAUSE))),
        toChange(figures));
  }

  /** What was given and may be too high; where nothing was given, what should be. */
  private static Option<?> toChange(Figures figures) {
    for (Option<?> limit :
        List.of(RateOptions.REQUESTS_PER_MINUTE, RateOptions.TOKENS_PER_MINUTE)) {
      if (figures.given(limit).isPresent()) {
        return limit;
      }
    }
    return figures.given(RateOptions.CONCURRENCY).isPresent()
        ? RateOptions.CONCURRENCY
        : RateOptions.REQUESTS_PER_MINUTE;
  }
}

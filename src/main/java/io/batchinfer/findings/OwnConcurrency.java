package io.batchinfer.findings;

import io.batchinfer.config.Option;
import io.batchinfer.config.RateOptions;
import io.batchinfer.course.HeldBy;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The run's own ceiling held it, not the endpoint. */
final class OwnConcurrency implements Rule {
  private static final double LEAST_SHARE = 0.5;

  /** More refusals than that are an endpoint that has no room for more. */
  private static final double MOST_REFUSED = 0.01;

  @Override
  public String code() {
    return "concurrency_limit";
  }

  @Override
  public String when() {
    return "A concurrency was given and was what held the run for at least "
        + Words.percent(LEAST_SHARE)
        + " of its time, while the endpoint refused at most "
        + Words.percent(MOST_REFUSED)
        + " of the attempts.";
  }

  @Override
  public String advice() {
    return "Leave the number out, so that the run looks for what the endpoint can do, or raise it. A server that works on a fixed number of requests and lets the others wait gains nothing.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(RateOptions.CONCURRENCY);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    double share = figures.heldShare(HeldBy.CONCURRENCY);
    Optional<String> given = figures.given(RateOptions.CONCURRENCY);
    if (share < LEAST_SHARE || given.isEmpty() || figures.refusedShare() > MOST_REFUSED) {
      return Optional.empty();
    }
    return found(
        String.format(
            Locale.ROOT,
            "Your limit of %s requests at once held the run for %s of its time, and the endpoint had room for all of them.",
            given.get(),
            Words.percent(share)),
        String.format(
            Locale.ROOT,
            "Of %,d attempts %,d were refused.",
            figures.attempts(),
            figures.refused()),
        RateOptions.CONCURRENCY);
  }
}

package io.batchinfer.findings;

import io.batchinfer.config.Durations;
import io.batchinfer.config.Option;
import io.batchinfer.config.RetryOptions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Attempts got no answer and may be on the bill. */
final class MayHaveRun implements Rule {
  private static final double LEAST_SHARE = 0.01;
  private static final long LEAST = 10;

  /** Answers that take longer than most are no wonder up to here. */
  private static final double NEAR = 4;

  @Override
  public String code() {
    return "may_have_run";
  }

  @Override
  public String when() {
    return "Attempts without an answer that the endpoint may have executed, and charged, are at least "
        + Words.percent(LEAST_SHARE)
        + " of the rows, and no fewer than "
        + LEAST
        + ", and neither a proxy's time limit nor an endpoint that was away explains them.";
  }

  @Override
  public String advice() {
    return "Where answers take long, wait longer for them; where connections break, see what lies between. To have no such row sent again, allow no ambiguous resend.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(RetryOptions.REQUEST_TIMEOUT, RetryOptions.RETRY_AMBIGUOUS);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    long lost = figures.counts().mayHaveRun();
    long settled = figures.counts().settled();
    if (lost < LEAST || lost < settled * LEAST_SHARE || isExplained(figures)) {
      return Optional.empty();
    }
    return found(
        String.format(
            Locale.ROOT,
            "%,d attempts got no answer but may have run, and may be on the bill.",
            lost),
        String.format(
            Locale.ROOT,
            "%,d attempts were sent for %,d settled rows.",
            figures.counts().attempts(),
            settled),
        isTimeoutShort(figures) ? RetryOptions.REQUEST_TIMEOUT : RetryOptions.RETRY_AMBIGUOUS);
  }

  /** Whether another finding says why. */
  private static boolean isExplained(Figures figures) {
    return figures.cutAfter().isPresent() || EndpointAway.wasAway(figures);
  }

  /** Whether the time-out is not far from how long rows take. */
  private static boolean isTimeoutShort(Figures figures) {
    double millis = figures.rows().latencies().quantileMillis(0.95);
    return figures
        .given(RetryOptions.REQUEST_TIMEOUT)
        .map(Durations::parse)
        .filter(timeout -> timeout.toMillis() < NEAR * millis)
        .isPresent();
  }
}

package io.batchinfer.findings;

import io.batchinfer.config.Option;
import io.batchinfer.config.RateOptions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Many attempts failed that the endpoint should have answered. */
final class ManyRetries implements Rule {
  private static final double LEAST_SHARE = 0.1;
  private static final long LEAST = 20;

  @Override
  public String code() {
    return "many_retries";
  }

  @Override
  public String when() {
    return "Attempts that failed and were repeated (errors of the server, unusable answers) are at least "
        + Words.percent(LEAST_SHARE)
        + " of all attempts, and no fewer than "
        + LEAST
        + ".";
  }

  @Override
  public String advice() {
    return "The server fails under this load or at these requests: see its log. A lower concurrency shows which of the two it is.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(RateOptions.CONCURRENCY);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    long repeated = Math.max(0, figures.failedAttempts() - figures.failedRows());
    long attempts = figures.attempts();
    if (repeated < LEAST || repeated < attempts * LEAST_SHARE) {
      return Optional.empty();
    }
    return found(
        Words.percent((double) repeated / attempts)
            + " of the attempts failed in a way that may pass, and were repeated.",
        String.format(Locale.ROOT, "%,d of %,d attempts.", repeated, attempts),
        RateOptions.CONCURRENCY);
  }
}

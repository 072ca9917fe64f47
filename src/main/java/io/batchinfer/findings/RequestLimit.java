package io.batchinfer.findings;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.RateOptions;
import io.batchinfer.course.HeldBy;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The limit of requests a minute was what held the run. */
final class RequestLimit implements Rule {
  /** Below it, something else held the run for longer, and a higher limit would gain little. */
  private static final double LEAST_SHARE = 0.5;

  private static final String EMBEDDINGS = "/v1/embeddings";

  @Override
  public String code() {
    return "request_limit";
  }

  @Override
  public String when() {
    return "The limit of requests a minute held the run back for at least "
        + Words.percent(LEAST_SHARE)
        + " of its time.";
  }

  @Override
  public String advice() {
    return "The run was as fast as that limit lets it be. If your account allows more, raise it; for embeddings put several rows into one request; otherwise spread the job over several accounts or servers.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(RateOptions.REQUESTS_PER_MINUTE, RateOptions.EMBED_BATCH);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    double share = figures.heldShare(HeldBy.REQUESTS);
    if (share < LEAST_SHARE) {
      return Optional.empty();
    }
    boolean single =
        figures.isSetTo(EndpointOptions.ENDPOINT, EMBEDDINGS)
            && figures.isSetTo(RateOptions.EMBED_BATCH, "1");
    return found(
        String.format(
            Locale.ROOT,
            "The limit of %,d requests a minute held the run for %s of its time.",
            figures.requestsPerMinute(),
            Words.percent(share)),
        String.format(
            Locale.ROOT,
            "%,.0f rows a minute were settled, %s of the limit.",
            figures.rowsPerMinute(),
            Words.percent(figures.rowsPerMinute() / figures.requestsPerMinute())),
        single ? RateOptions.EMBED_BATCH : RateOptions.REQUESTS_PER_MINUTE);
  }
}

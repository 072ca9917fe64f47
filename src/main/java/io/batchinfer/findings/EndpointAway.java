package io.batchinfer.findings;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.Option;
import io.batchinfer.course.HeldBy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** No endpoint was there for a part of the time. */
final class EndpointAway implements Rule {
  private static final Duration LEAST = Duration.ofSeconds(5);
  private static final double LEAST_SHARE = 0.05;

  @Override
  public String code() {
    return "endpoint_away";
  }

  @Override
  public String when() {
    return "No endpoint could be reached for at least "
        + Words.time(LEAST)
        + " and "
        + Words.percent(LEAST_SHARE)
        + " of the run's time.";
  }

  @Override
  public String advice() {
    return "See why the server went away in that time: a restart, too little memory, the network. With a second server the run goes on at the other one.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(EndpointOptions.BASE_URL);
  }

  static boolean wasAway(Figures figures) {
    return figures.held(HeldBy.ENDPOINT_AWAY).compareTo(LEAST) >= 0
        && figures.heldShare(HeldBy.ENDPOINT_AWAY) >= LEAST_SHARE;
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    Duration away = figures.held(HeldBy.ENDPOINT_AWAY);
    if (!wasAway(figures)) {
      return Optional.empty();
    }
    return found(
        "The endpoint was away for " + Words.time(away) + ", and the run waited for it.",
        "That was "
            + Words.percent(figures.heldShare(HeldBy.ENDPOINT_AWAY))
            + " of the "
            + Words.time(figures.sending())
            + " of sending.",
        EndpointOptions.BASE_URL);
  }
}

package io.batchinfer.findings;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.Option;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Something between the run and the model cuts requests off at the same moment. */
final class ProxyTimeLimit implements Rule {
  @Override
  public String code() {
    return "proxy_time_limit";
  }

  @Override
  public String when() {
    return "Eight attempts of one process in a row were cut off without an answer after the same time (within 3 %), of three seconds or more.";
  }

  @Override
  public String advice() {
    return "A proxy, a gateway or a load balancer on the way has that time limit: raise it there, go around it with another base URL, or ask for shorter answers. What was cut off may have been charged.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(EndpointOptions.BASE_URL);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    Optional<Duration> cut = figures.cutAfter();
    if (cut.isEmpty()) {
      return Optional.empty();
    }
    return found(
        "Something on the way to the model cuts requests off after " + Words.time(cut.get()) + ".",
        String.format(
            Locale.ROOT,
            "%,d attempts were lost or ended by a gateway's time-out.",
            figures.lost()),
        EndpointOptions.BASE_URL);
  }
}

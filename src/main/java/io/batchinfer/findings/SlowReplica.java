package io.batchinfer.findings;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.Option;
import io.batchinfer.course.RowSketch;
import io.batchinfer.course.RowSketch.Answers;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One of several servers takes much longer than the others. */
final class SlowReplica implements Rule {
  private static final double LEAST_FACTOR = 2.5;

  /** Fewer answers of a server say little about how long it takes. */
  private static final long LEAST_ANSWERS = 20;

  @Override
  public String code() {
    return "slow_replica";
  }

  @Override
  public String when() {
    return "A base URL or engine took at least "
        + Words.times(LEAST_FACTOR)
        + " as long for an answer as the median of the others; each of them gave "
        + LEAST_ANSWERS
        + " answers or more.";
  }

  @Override
  public String advice() {
    return "See to that server: another load on it, a slower GPU, less memory. Without it, its rows go to the others.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(EndpointOptions.BASE_URL);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    List<Map.Entry<String, Answers>> replicas =
        figures.rows().replicas().entrySet().stream()
            .filter(replica -> replica.getValue().count() >= LEAST_ANSWERS)
            .filter(replica -> !replica.getKey().equals(RowSketch.OTHERS))
            .sorted(Comparator.comparingDouble(replica -> replica.getValue().meanMillis()))
            .toList();
    if (replicas.size() < 2) {
      return Optional.empty();
    }
    Map.Entry<String, Answers> slowest = replicas.get(replicas.size() - 1);
    double usual = replicas.get((replicas.size() - 2) / 2).getValue().meanMillis();
    double factor = usual <= 0 ? 0 : slowest.getValue().meanMillis() / usual;
    if (factor < LEAST_FACTOR) {
      return Optional.empty();
    }
    return found(
        "\"%s\" took %s as long for an answer as the others."
            .formatted(slowest.getKey(), Words.times(factor)),
        String.format(
            Locale.ROOT,
            "%s on average over %,d answers; the others %s.",
            Words.time(millis(slowest.getValue().meanMillis())),
            slowest.getValue().count(),
            Words.time(millis(usual))),
        EndpointOptions.BASE_URL);
  }

  private static Duration millis(double millis) {
    return Duration.ofMillis(Math.round(millis));
  }
}

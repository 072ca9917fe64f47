package io.batchinfer.findings;

import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.Option;
import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.CoursePoint.Load;
import io.batchinfer.course.CoursePoint.Processors;
import io.batchinfer.course.HeldBy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The machines that send were at their end, not the endpoint. */
final class BusyMachine implements Rule {
  private static final double LEAST_BUSY = 0.85;
  private static final double LEAST_SHARE = 0.5;

  /** A process that others leave so little of a full machine may still want all of it. */
  private static final double LEAST_OWN_OF_DRIVER = 0.03;

  /** Of several executors on one machine each wants a part of it alone. */
  private static final double LEAST_OWN_OF_EXECUTOR = 0.1;

  private static final Set<HeldBy> OF_ENDPOINT =
      Set.of(HeldBy.REQUESTS, HeldBy.TOKENS, HeldBy.PAUSE, HeldBy.ENDPOINT_AWAY);

  @Override
  public String code() {
    return "busy_machine";
  }

  @Override
  public String when() {
    return "For at least "
        + Words.percent(LEAST_SHARE)
        + " of the run's time the machine of the driver, or those of the executors on average, had at least "
        + Words.percent(LEAST_BUSY)
        + " of its processors in use, "
        + Words.percent(LEAST_OWN_OF_EXECUTOR)
        + " or more by the executor's process (by the driver's "
        + Words.percent(LEAST_OWN_OF_DRIVER)
        + " or more, which wanted at least "
        + Words.percent(LEAST_BUSY)
        + " with what its threads waited for), while no limit or pause of the endpoint held the run.";
  }

  @Override
  public String advice() {
    return "Give it more cores or more executors, or a machine of its own; vectors that come in base64 cost less to read, and rows of embeddings that share a request cost fewer requests.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(ModelOptions.EMBEDDINGS_ENCODING);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    if (isBusy(figures, Load::driver, LEAST_OWN_OF_DRIVER, LEAST_BUSY)) {
      return found(
          "The machine of the driver was at its limit, not the endpoint.",
          evidence(figures, Load::driver));
    }
    if (isBusy(figures, Load::executors, LEAST_OWN_OF_EXECUTOR, 0)) {
      return found(
          "The machines of the executors were at their limit, not the endpoint.",
          evidence(figures, Load::executors));
    }
    return Optional.empty();
  }

  private static boolean isBusy(
      Figures figures, Function<Load, Processors> whose, double leastOwn, double leastWanted) {
    return figures.shareOfPoints(
            point -> {
              Processors processors = whose.apply(point.load());
              return own(processors) >= leastOwn
                  && wanted(processors) >= leastWanted
                  && machine(processors) >= LEAST_BUSY
                  && !isHeldByEndpoint(point);
            })
        >= LEAST_SHARE;
  }

  private static String evidence(Figures figures, Function<Load, Processors> whose) {
    return "%s of the processors were in use, %s by the run itself (medians over the run)."
        .formatted(
            Words.percent(figures.median(point -> machine(whose.apply(point.load())))),
            Words.percent(figures.median(point -> own(whose.apply(point.load())))));
  }

  /** The machine is fast enough for what the endpoint lets through. */
  private static boolean isHeldByEndpoint(CoursePoint point) {
    long all = 0;
    long byEndpoint = 0;
    for (Map.Entry<HeldBy, Long> held : point.held().entrySet()) {
      all += held.getValue();
      byEndpoint += OF_ENDPOINT.contains(held.getKey()) ? held.getValue() : 0;
    }
    return byEndpoint * 2 > all;
  }

  private static double own(Processors processors) {
    return orZero(processors.own());
  }

  private static double wanted(Processors processors) {
    return Math.max(own(processors), orZero(processors.wanted()));
  }

  /** Earlier versions have recorded the process alone. */
  private static double machine(Processors processors) {
    return Math.max(own(processors), orZero(processors.machine()));
  }

  private static double orZero(@Nullable Double value) {
    return value == null ? 0 : value;
  }
}

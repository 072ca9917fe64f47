package io.batchinfer.findings;

import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.Option;
import io.batchinfer.course.CoursePoint;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The machines that send were at their end, not the endpoint. */
final class BusyMachine implements Rule {
  private static final double LEAST_CPU = 0.85;
  private static final double LEAST_SHARE = 0.5;

  @Override
  public String code() {
    return "busy_machine";
  }

  @Override
  public String when() {
    return "The driver, or the executors on average, used at least "
        + Words.percent(LEAST_CPU)
        + " of the cores of their machine for at least "
        + Words.percent(LEAST_SHARE)
        + " of the run's time.";
  }

  @Override
  public String advice() {
    return "Give it more cores or more executors; vectors that come in base64 cost less to read, and rows of embeddings that share a request cost fewer requests.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(ModelOptions.EMBEDDINGS_ENCODING);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    ToDoubleFunction<CoursePoint> driver = point -> orZero(point.load().driverCpu());
    ToDoubleFunction<CoursePoint> executors = point -> orZero(point.load().executorsCpu());
    boolean ofDriver = figures.shareOfPoints(driver, LEAST_CPU) >= LEAST_SHARE;
    if (!ofDriver && figures.shareOfPoints(executors, LEAST_CPU) < LEAST_SHARE) {
      return Optional.empty();
    }
    return found(
        ofDriver
            ? "The machine of the driver was at its limit, not the endpoint."
            : "The machines of the executors were at their limit, not the endpoint.",
        "They used "
            + Words.percent(figures.median(ofDriver ? driver : executors))
            + " of their cores (median over the run).");
  }

  private static double orZero(@Nullable Double value) {
    return value == null ? 0 : value;
  }
}

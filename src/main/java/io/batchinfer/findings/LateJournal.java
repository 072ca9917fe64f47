package io.batchinfer.findings;

import io.batchinfer.config.Durations;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.course.CoursePoint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Answers waited long until they were safe from a crash. */
final class LateJournal implements Rule {
  /** Far more than the two seconds between writes that stores of objects have by default. */
  private static final Duration LEAST_LAG = Duration.ofSeconds(6);

  private static final double LEAST_SHARE = 0.25;

  @Override
  public String code() {
    return "late_journal";
  }

  @Override
  public String when() {
    return "For at least "
        + Words.percent(LEAST_SHARE)
        + " of the run's time an answer had been there for "
        + Words.time(LEAST_LAG)
        + " or longer and was not written yet.";
  }

  @Override
  public String advice() {
    return "A crash would have had those answers paid again. Write more often, where that was set; otherwise the disk or the store of the output is too slow for the run: put the output elsewhere.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(InputOutputOptions.FLUSH_INTERVAL, InputOutputOptions.OUTPUT);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    ToDoubleFunction<CoursePoint> lag = point -> point.load().journalLagMillis() / 1e3;
    if (figures.shareOfPoints(point -> point.load().journalLagMillis() >= LEAST_LAG.toMillis())
        < LEAST_SHARE) {
      return Optional.empty();
    }
    Duration median = Duration.ofMillis(Math.round(figures.median(lag) * 1e3));
    boolean asSet =
        figures
            .given(InputOutputOptions.FLUSH_INTERVAL)
            .map(Durations::parse)
            .filter(set -> set.compareTo(LEAST_LAG.dividedBy(2)) > 0)
            .isPresent();
    return found(
        "Answers waited long until they were written, and a crash would have had them paid again.",
        "The oldest had waited for " + Words.time(median) + " (median over the run).",
        asSet ? InputOutputOptions.FLUSH_INTERVAL : InputOutputOptions.OUTPUT);
  }
}

package io.batchinfer.findings;

import io.batchinfer.config.Option;
import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.HeldBy;
import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RowSketch;
import io.batchinfer.course.RunCourse;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobRecord;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What rules look at: the counts of the whole job, and how its last run went that lasted long
 * enough to say something. Immutable.
 */
public final class Figures {
  /** A shorter run is its own beginning and end, and says little of the time between. */
  static final Duration LEAST_SENDING = Duration.ofSeconds(10);

  private final JobRecord job;
  private final RowSketch rows;
  private final int sketchedSplits;
  private final long equalRowsSent;
  private final @Nullable RunCourse run;
  private final Map<HeldBy, Long> heldMillis;
  private final long sendingMillis;

  private Figures(JobRecord job, JobCourse course, @Nullable RunCourse run) {
    this.job = job;
    this.rows = course.rows();
    this.sketchedSplits = course.sketchedSplits();
    this.equalRowsSent = course.equalRowsSent();
    this.run = run;
    this.heldMillis = run == null ? Map.of() : heldMillis(run);
    this.sendingMillis = heldMillis.values().stream().mapToLong(Long::longValue).sum();
  }

  static Figures of(JobRecord job, JobCourse course) {
    List<RunCourse> runs = course.runs();
    for (int i = runs.size() - 1; i >= 0; i--) {
      Figures figures = new Figures(job, course, runs.get(i));
      if (figures.sendingMillis >= LEAST_SENDING.toMillis()) {
        return figures;
      }
    }
    return new Figures(job, course, null);
  }

  /** When everything that is left is under way, that no row is ready is no loss. */
  private static Map<HeldBy, Long> heldMillis(RunCourse run) {
    Map<HeldBy, Long> sum = new EnumMap<>(HeldBy.class);
    for (CoursePoint point : run.points()) {
      boolean allOut =
          point.rows().settled() + point.moment().inFlight() + point.moment().waiting()
              >= run.rows();
      point
          .held()
          .forEach(
              (by, millis) ->
                  sum.merge(by == HeldBy.ROWS && allOut ? HeldBy.NONE : by, millis, Long::sum));
    }
    return sum;
  }

  JobRecord job() {
    return job;
  }

  /** Of the whole job. */
  Counts counts() {
    return job.counts();
  }

  /** What the rows of the whole job were like, as far as it is known. */
  RowSketch rows() {
    return rows;
  }

  /** Splits that {@link #rows} is of. */
  int sketchedSplits() {
    return sketchedSplits;
  }

  /** Rows that ask the same as an earlier one of the job and were sent all the same. */
  long equalRowsSent() {
    return equalRowsSent;
  }

  /** How long the run sent. */
  Duration sending() {
    return Duration.ofMillis(sendingMillis);
  }

  /** How long that held the run. */
  Duration held(HeldBy by) {
    return Duration.ofMillis(heldMillis.getOrDefault(by, 0L));
  }

  /** The part of the run's time for which that held it; 0 where no run was long enough. */
  double heldShare(HeldBy by) {
    return sendingMillis == 0 ? 0 : (double) heldMillis.getOrDefault(by, 0L) / sendingMillis;
  }

  /** The limit that held at the run's end; 0 for none. */
  long requestsPerMinute() {
    return lastLimit(limits -> orZero(limits.requestsPerMinute()));
  }

  /** The limit that held at the run's end; 0 for none. */
  long tokensPerMinute() {
    return lastLimit(limits -> orZero(limits.tokensPerMinute()));
  }

  private long lastLimit(ToDoubleFunction<CoursePoint.Limits> limit) {
    if (run == null) {
      return 0;
    }
    double last = 0;
    for (CoursePoint point : run.points()) {
      double now = limit.applyAsDouble(point.limits());
      last = now > 0 ? now : last;
    }
    return Math.round(last);
  }

  private static double orZero(@Nullable Double value) {
    return value == null ? 0 : value;
  }

  /** Rows that the run settled, by the minute. */
  double rowsPerMinute() {
    return run == null || sendingMillis == 0
        ? 0
        : (last(run).rows().settled() - run.resumedRows()) * 60_000.0 / sendingMillis;
  }

  /**
   * The tokens of the run's answers, as a part of what the limit of tokens let through while it was
   * that which held the run; 0 where it never did.
   */
  double usedOfTokenLimit() {
    double allowed = tokensPerMinute() / 60_000.0 * heldMillis.getOrDefault(HeldBy.TOKENS, 0L);
    if (run == null || allowed <= 0) {
      return 0;
    }
    CoursePoint first = run.points().get(0);
    long before = run.resumedRows() == 0 ? 0 : tokens(first);
    return (tokens(last(run)) - before) / allowed;
  }

  private static long tokens(CoursePoint point) {
    return point.spent().promptTokens() + point.spent().completionTokens();
  }

  private static CoursePoint last(RunCourse run) {
    return run.points().get(run.points().size() - 1);
  }

  /** Attempts of the run that the endpoint turned away for lack of room or for a limit. */
  long refused() {
    return run == null ? 0 : last(run).attempts().refused();
  }

  /** Attempts of the run that had no answer, those included that ran into the time-out. */
  long lost() {
    return run == null ? 0 : last(run).attempts().lost();
  }

  /** Attempts of the run that failed in another way. */
  long failedAttempts() {
    return run == null ? 0 : last(run).attempts().failed();
  }

  /** Rows of the job that had failed when the run ended. */
  long failedRows() {
    return run == null ? 0 : last(run).rows().failed();
  }

  /** Rows that the run settled. */
  long settledByRun() {
    return run == null ? 0 : last(run).rows().settled() - run.resumedRows();
  }

  /** Attempts of the run, as far as they have ended. */
  long attempts() {
    if (run == null) {
      return 0;
    }
    return Math.max(0, settledByRun() - failedRows()) + refused() + lost() + failedAttempts();
  }

  /** After how long something on the way keeps cutting attempts off, if it does. */
  Optional<Duration> cutAfter() {
    return run == null
        ? Optional.empty()
        : Optional.ofNullable(run.cutAfterMillis()).map(Duration::ofMillis);
  }

  double refusedShare() {
    return attempts() == 0 ? 0 : (double) refused() / attempts();
  }

  /** The part of the run's points of which something is so; 0 where no run was long enough. */
  double shareOfPoints(Predicate<CoursePoint> so) {
    if (run == null) {
      return 0;
    }
    return (double) run.points().stream().filter(so).count() / run.points().size();
  }

  /** Its median over the run's points; 0 where no run was long enough. */
  double median(ToDoubleFunction<CoursePoint> figure) {
    if (run == null) {
      return 0;
    }
    double[] sorted = run.points().stream().mapToDouble(figure).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  /** What an option was set to for this job, if it was, by the user, a profile or by default. */
  Optional<String> given(Option<?> option) {
    return Optional.ofNullable(job.definition().settings().get(option.name()))
        .filter(value -> !value.isBlank());
  }

  boolean isSetTo(Option<?> option, String value) {
    return given(option).filter(value::equals).isPresent();
  }
}

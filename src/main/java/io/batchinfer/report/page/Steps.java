package io.batchinfer.report.page;

import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.HeldBy;
import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RunCourse;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The points of all runs of a job one behind the other, with what happened between each and the one
 * before; so few of them that a page stays small.
 *
 * @param frame when they were
 * @param all in the order of time
 */
record Steps(TimeFrame frame, List<Step> all) {
  /** More would not be seen in a chart that is a page wide. */
  private static final int MOST = 300;

  private static final double MILLIS = 1e3;

  /**
   * From a point to the next.
   *
   * @param before null for the first of a run that an earlier one has prepared, as its sums begin
   *     somewhere
   */
  record Step(@Nullable CoursePoint before, CoursePoint now, double seconds) {
    /** How much of something came in each second; NaN where that is not known. */
    double rate(ToLongFunction<CoursePoint> sum) {
      if (before == null || seconds <= 0) {
        return Double.NaN;
      }
      long more = sum.applyAsLong(now) - sum.applyAsLong(before);
      // Rows of a failed process run again, which takes them back.
      return Math.max(0, more) / seconds;
    }

    /** How long each thing held the run up, in milliseconds. */
    Map<HeldBy, Long> held() {
      return now.held().isEmpty()
          ? Map.of(now.moment().heldBy(), (long) (seconds * MILLIS))
          : now.held();
    }

    /** What held the run up longest. */
    HeldBy mostlyHeldBy() {
      return held().entrySet().stream()
          .max(Map.Entry.comparingByValue())
          .map(Map.Entry::getKey)
          .orElse(HeldBy.NONE);
    }
  }

  Steps {
    all = List.copyOf(all);
  }

  static Steps of(JobCourse course) {
    int points = course.runs().stream().mapToInt(run -> run.points().size()).sum();
    int every = Math.max(1, (int) Math.ceil((double) points / MOST));
    List<Double> at = new ArrayList<>();
    List<Double> cuts = new ArrayList<>();
    List<Step> all = new ArrayList<>();
    double offset = 0;
    for (RunCourse run : course.runs()) {
      if (run.points().isEmpty()) {
        continue;
      }
      if (!all.isEmpty()) {
        cuts.add(offset);
      }
      boolean fromNothing = all.isEmpty() && run.resumedRows() == 0 && course.runsLeftOut() == 0;
      long began = run.startedAt().toEpochMilli();
      CoursePoint before = fromNothing ? nothing(began, run.points().get(0)) : null;
      long earlier = began;
      for (CoursePoint point : thinned(run.points(), every)) {
        double seconds = Math.max(0, point.atMillis() - earlier) / MILLIS;
        all.add(new Step(before, point, seconds));
        at.add(offset + Math.max(0, point.atMillis() - began));
        before = point;
        earlier = Math.max(earlier, point.atMillis());
      }
      offset += Math.max(run.lastHeardAt().toEpochMilli(), earlier) - began;
    }
    double[] moments = at.stream().mapToDouble(Double::doubleValue).toArray();
    return new Steps(new TimeFrame(moments, Math.max(1, offset), cuts), all);
  }

  /** Every so many, counted from the last, with what held the run up in between. */
  private static List<CoursePoint> thinned(List<CoursePoint> points, int every) {
    List<CoursePoint> kept = new ArrayList<>();
    Map<HeldBy, Long> held = new EnumMap<>(HeldBy.class);
    for (int i = 0; i < points.size(); i++) {
      CoursePoint point = points.get(i);
      point.held().forEach((by, millis) -> held.merge(by, millis, Long::sum));
      if ((points.size() - 1 - i) % every == 0) {
        kept.add(
            new CoursePoint(
                point.atMillis(),
                point.rows(),
                point.attempts(),
                point.moment(),
                point.limits(),
                point.spent(),
                point.latencies(),
                point.load(),
                new TreeMap<>(held)));
        held.clear();
      }
    }
    return kept;
  }

  /** Before a job had done anything. */
  private static CoursePoint nothing(long atMillis, CoursePoint like) {
    return new CoursePoint(
        atMillis,
        new CoursePoint.Rows(0, 0, new TreeMap<>()),
        new CoursePoint.Attempts(0, 0, 0, 0),
        like.moment(),
        like.limits(),
        new CoursePoint.Spent(0, 0, null),
        null,
        CoursePoint.Load.UNKNOWN,
        new TreeMap<>());
  }

  /** Whether there is anything to draw. */
  boolean isEmpty() {
    return all.size() < 2;
  }

  double[] values(ToDoubleFunction<Step> of) {
    return all.stream().mapToDouble(of).toArray();
  }

  /** How much of something came in each second. */
  double[] rates(ToLongFunction<CoursePoint> sum) {
    return values(step -> step.rate(sum));
  }

  /** What was so at each point, or NaN where it is not known. */
  double[] moments(Of of) {
    return values(
        step -> {
          Number value = of.value(step.now());
          return value == null ? Double.NaN : value.doubleValue();
        });
  }

  /** A figure of a point. */
  interface Of {
    @Nullable Number value(CoursePoint point);
  }

  /** How much of something came in all steps together, per second; 0 where nothing is known. */
  double meanRate(ToLongFunction<CoursePoint> sum) {
    double seconds = 0;
    double all = 0;
    for (Step step : this.all) {
      double rate = step.rate(sum);
      if (!Double.isNaN(rate)) {
        seconds += step.seconds();
        all += rate * step.seconds();
      }
    }
    return seconds == 0 ? 0 : all / seconds;
  }

  /** How long each thing held the job up, in milliseconds. */
  Map<HeldBy, Long> held() {
    Map<HeldBy, Long> sum = new EnumMap<>(HeldBy.class);
    all.forEach(step -> step.held().forEach((by, millis) -> sum.merge(by, millis, Long::sum)));
    return sum;
  }
}

package io.batchinfer.findings;

import io.batchinfer.config.Option;
import io.batchinfer.config.RateOptions;
import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.HeldBy;
import io.batchinfer.course.JobCourse;
import io.batchinfer.course.KindCounts;
import io.batchinfer.course.RowKind;
import io.batchinfer.course.RowSketch;
import io.batchinfer.course.RowSketch.Answers;
import io.batchinfer.course.RunCourse;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.MarkCounts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A job of 1,000 rows whose only run sent for a hundred seconds, and of which nothing is to be said
 * as long as nothing is changed.
 */
final class HealthyJob {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
  private static final long ROWS = 1000;
  private static final int POINTS = 100;

  private final SortedMap<String, String> settings = new TreeMap<>();
  private final Map<HeldBy, Long> heldMillis = new TreeMap<>();
  private final SortedMap<String, Long> errors = new TreeMap<>();
  private final SortedMap<String, Answers> replicas = new TreeMap<>();
  private final SortedMap<RowKind, KindCounts> kinds = new TreeMap<>();
  private MarkCounts marks = MarkCounts.NONE;
  private CoursePoint.Attempts attempts = new CoursePoint.Attempts(ROWS, 0, 0, 0);
  private CoursePoint.Limits limits = CoursePoint.Limits.UNKNOWN;
  private CoursePoint.Load load = CoursePoint.Load.UNKNOWN;
  private int loadedPoints = POINTS;
  private Usage usage = new Usage(10_000, 10_000);
  private long mayHaveRun;
  private long equalRowsSent;
  private boolean allOut;
  private LatencyHistogram latencies = LatencyHistogram.NONE;
  private double seconds = POINTS;
  private @Nullable Long cutAfterMillis;

  HealthyJob with(Option<?> option, String value) {
    settings.put(option.name(), value);
    return this;
  }

  /** What held the run for that part of its time. */
  HealthyJob held(HeldBy by, double share) {
    heldMillis.put(by, Math.round(share * 1000 * POINTS));
    return this;
  }

  HealthyJob sendingFor(double longOrShort) {
    seconds = longOrShort;
    return this;
  }

  /** Nothing was left to be sent all the time. */
  HealthyJob allOut() {
    allOut = true;
    return this;
  }

  HealthyJob perMinute(@Nullable Double requests, @Nullable Double tokens) {
    limits = new CoursePoint.Limits(null, requests, tokens);
    return this;
  }

  HealthyJob attempts(long refused, long lost, long failed) {
    attempts = new CoursePoint.Attempts(ROWS, refused, lost, failed);
    return this;
  }

  HealthyJob failed(String code, long rows) {
    errors.put(code, rows);
    return this;
  }

  HealthyJob marks(MarkCounts counts) {
    marks = counts;
    return this;
  }

  HealthyJob usage(Usage used) {
    usage = used;
    return this;
  }

  HealthyJob mayHaveRun(long attemptsWithoutAnswer) {
    mayHaveRun = attemptsWithoutAnswer;
    return this;
  }

  HealthyJob equalRowsSent(long rows) {
    equalRowsSent = rows;
    return this;
  }

  /** Rows of a kind, and how many of them failed. */
  HealthyJob kind(RowKind kind, long rows, long failed) {
    kinds.put(kind, new KindCounts(rows, failed, 0, List.of("row-of-" + kind.model())));
    return this;
  }

  /** Rows of a kind, and how many of their answers were cut off. */
  HealthyJob cutOff(RowKind kind, long rows, long cutOff) {
    kinds.put(kind, new KindCounts(rows, 0, cutOff, List.of()));
    return this;
  }

  HealthyJob replica(String name, long answers, long meanMillis) {
    replicas.put(name, new Answers(answers, answers * meanMillis));
    return this;
  }

  /** How busy the machines were in the first of the run's hundred seconds. */
  HealthyJob load(CoursePoint.Load busy, int points) {
    load = busy;
    loadedPoints = points;
    return this;
  }

  /** How long every row took. */
  HealthyJob rowsTook(Duration time) {
    long[] counts = new long[LatencyHistogram.CLASSES];
    counts[LatencyHistogram.classOf(time.toNanos())] = ROWS;
    latencies = new LatencyHistogram(counts);
    return this;
  }

  HealthyJob cutAfter(long millis) {
    cutAfterMillis = millis;
    return this;
  }

  /** The codes of what is found in it. */
  List<String> codes() {
    return findings().stream().map(Finding::code).toList();
  }

  List<Finding> findings() {
    return Findings.of(record(), course());
  }

  JobRecord record() {
    long failed = errors.values().stream().mapToLong(Long::longValue).sum();
    Counts counts =
        new Counts(
            new RowCounts(ROWS - failed, failed),
            new Spent(ROWS + mayHaveRun, mayHaveRun, usage),
            marks,
            errors);
    return new JobRecord(
        new JobRecord.Definition("batch_1", "/out", new TreeMap<>(), settings, Map.of()),
        JobRecord.Generation.FIRST,
        JobRecord.Standing.of(JobStatus.COMPLETED, "", 0),
        new JobRecord.Rows(ROWS, 0, counts),
        new JobRecord.Costs(Optional.of(10.0), "USD", List.of()),
        new JobRecord.Times(START, Optional.of(START.plusSeconds(POINTS)), POINTS, POINTS));
  }

  private JobCourse course() {
    List<CoursePoint> points = new ArrayList<>();
    for (int i = 1; i <= POINTS; i++) {
      points.add(point(i));
    }
    RunCourse run =
        new RunCourse(
            "20260301T100000Z-0001",
            RunCourse.Program.UNKNOWN,
            START,
            new RunCourse.Ending(START.plusSeconds(POINTS), JobStatus.COMPLETED, null),
            ROWS,
            0,
            List.of(),
            points,
            cutAfterMillis);
    RowSketch none = RowSketch.NONE;
    RowSketch rows =
        new RowSketch(
            ROWS,
            latencies,
            none.promptTokens(),
            none.completionTokens(),
            none.attempts(),
            none.finishReasons(),
            none.examples(),
            none.slowest(),
            replicas,
            none.processes(),
            kinds);
    return new JobCourse(List.of(run), 0, rows, 1, List.of(), equalRowsSent);
  }

  private CoursePoint point(int number) {
    boolean last = number == POINTS;
    double part = (double) number / POINTS;
    TreeMap<HeldBy, Long> held = new TreeMap<>();
    long known = 0;
    for (Map.Entry<HeldBy, Long> each : heldMillis.entrySet()) {
      long millis = Math.round(each.getValue() * seconds / POINTS / POINTS);
      held.put(each.getKey(), millis);
      known += millis;
    }
    held.put(HeldBy.NONE, Math.round(1000 * seconds / POINTS) - known);
    long failed = errors.values().stream().mapToLong(Long::longValue).sum();
    long settled = last ? ROWS : Math.round(ROWS * part);
    return new CoursePoint(
        START.plusSeconds(number).toEpochMilli(),
        new CoursePoint.Rows(settled, last ? failed : 0, errors),
        attempts,
        new CoursePoint.Moment(allOut ? (int) (ROWS - settled) : 0, 0, 1, HeldBy.NONE),
        limits,
        new CoursePoint.Spent(
            Math.round(usage.promptTokens() * part),
            Math.round(usage.completionTokens() * part),
            null),
        null,
        number <= loadedPoints ? load : CoursePoint.Load.UNKNOWN,
        held);
  }

  /** With the concurrency that was given. */
  HealthyJob concurrency(int given) {
    return with(RateOptions.CONCURRENCY, String.valueOf(given));
  }
}

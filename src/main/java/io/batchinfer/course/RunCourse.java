package io.batchinfer.course;

import io.batchinfer.model.JobStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How one run of a job went. Immutable.
 *
 * @param run tells it from the other runs of the job; in the order of their starts
 * @param program what it ran with
 * @param ending when it was over and how; {@link Ending#NOT_YET} while it is at work, and for ever
 *     where its process was killed
 * @param rows of the job
 * @param resumedRows those that an earlier run had settled
 * @param limits it was given
 * @param points in the order of time
 * @param cutAfterMillis after how many milliseconds something on the way to the model kept cutting
 *     attempts off, null where nothing did
 */
public record RunCourse(
    String run,
    Program program,
    Instant startedAt,
    Ending ending,
    long rows,
    long resumedRows,
    List<StatedLimit> limits,
    List<CoursePoint> points,
    @Nullable Long cutAfterMillis) {
  /** Of the files, not of the program. */
  public static final int VERSION = 1;

  /**
   * What a run ran with.
   *
   * @param version of the program
   * @param master of Spark; empty where not known
   * @param executors processes that send, when the run started; 0 where not known
   */
  public record Program(String version, String master, int executors) {
    /** Nothing is known of it. */
    public static final Program UNKNOWN = new Program("", "", 0);
  }

  /**
   * How a run ended.
   *
   * @param at null while it has not
   * @param status of the job then
   * @param reason what made it end, in one sentence; null where all rows were settled
   */
  public record Ending(@Nullable Instant at, JobStatus status, @Nullable String reason) {
    /** It is at work, or was killed. */
    public static final Ending NOT_YET = new Ending(null, JobStatus.RUNNING, null);
  }

  /** How a run went whose attempts nothing cut off. */
  public RunCourse(
      String run,
      Program program,
      Instant startedAt,
      Ending ending,
      long rows,
      long resumedRows,
      List<StatedLimit> limits,
      List<CoursePoint> points) {
    this(run, program, startedAt, ending, rows, resumedRows, limits, points, null);
  }

  public RunCourse {
    limits = List.copyOf(limits);
    points = List.copyOf(points);
  }

  /** When it was over, if it said so. */
  public Optional<Instant> endedAt() {
    return Optional.ofNullable(ending.at());
  }

  /** The last moment of which anything is known of it. */
  public Instant lastHeardAt() {
    return endedAt()
        .orElseGet(
            () ->
                points.isEmpty()
                    ? startedAt
                    : Instant.ofEpochMilli(points.get(points.size() - 1).atMillis()));
  }
}

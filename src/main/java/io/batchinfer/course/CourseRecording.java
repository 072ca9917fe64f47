package io.batchinfer.course;

import io.batchinfer.course.CoursePoint.Rows;
import io.batchinfer.course.CoursePoint.Spent;
import io.batchinfer.course.RunCourse.Ending;
import io.batchinfer.course.RunCourse.Program;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Records how a run goes, in a bounded number of points: when there are too many, every other one
 * goes and the next ones come half as often. For one thread.
 */
public final class CourseRecording {
  private static final int MOST_POINTS = 300;
  private static final long FIRST_INTERVAL_MILLIS = 1000;

  /** A run that has just begun is looked at soon; the time between is doubled up to the longest. */
  private static final long FIRST_SAVE_MILLIS = 1000;

  private static final long LONGEST_SAVE_MILLIS = 15_000;

  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final CourseFolder folder;
  private final String run;
  private final Instant startedAt;
  private final List<CoursePoint> points = new ArrayList<>();
  private Program program = Program.UNKNOWN;
  private List<StatedLimit> limits = List.of();
  private long rows;
  private long resumedRows;
  private @Nullable Long cutAfterMillis;
  private long intervalMillis = FIRST_INTERVAL_MILLIS;
  private long savedAtMillis = Long.MIN_VALUE / 2;
  private long saveIntervalMillis = FIRST_SAVE_MILLIS;

  /** A run begins, of which nothing is stored yet. */
  public CourseRecording(CourseFolder folder, Instant startedAt) {
    this.folder = folder;
    this.startedAt = startedAt;
    this.run = "%s-%04d".formatted(NAME.format(startedAt), folder.nextNumber());
  }

  /** What it runs with. */
  public void runsWith(Program runsWith) {
    program = runsWith;
  }

  /** What it will send, within which limits. */
  public void planned(long jobRows, long alreadySettled, List<StatedLimit> given) {
    rows = jobRows;
    resumedRows = alreadySettled;
    limits = List.copyOf(given);
  }

  /** Something on the way to the model keeps cutting attempts off after that time. */
  public void cutAfter(Duration time) {
    cutAfterMillis = time.toMillis();
  }

  /** Whether it is time for the next point. */
  public boolean isDue(long nowMillis) {
    return points.isEmpty() || nowMillis - last().atMillis() >= intervalMillis;
  }

  /**
   * Notes how far the job is. One that comes before it is {@linkplain #isDue due} is noted as well,
   * such as the last one.
   */
  public void add(CoursePoint point) {
    points.add(point);
    if (points.size() > MOST_POINTS) {
      thinOut();
    }
  }

  /**
   * Stores what there is, now and then.
   *
   * @return whether it did
   * @throws io.batchinfer.storage.StorageException where that fails
   */
  public boolean save(long nowMillis) {
    if (nowMillis - savedAtMillis < saveIntervalMillis) {
      return false;
    }
    boolean first = savedAtMillis < 0;
    saveIntervalMillis =
        first ? FIRST_SAVE_MILLIS : Math.min(LONGEST_SAVE_MILLIS, 2 * saveIntervalMillis);
    savedAtMillis = nowMillis;
    folder.write(course(Ending.NOT_YET));
    return true;
  }

  /**
   * Stores how it ended, and that for good.
   *
   * @param settled rows of the job in the end, of which the last reports of its processes may not
   *     have told
   * @param sent requests for them
   * @throws io.batchinfer.storage.StorageException where that fails
   */
  public void end(Ending ending, Rows settled, long sent, Spent spent) {
    Instant at = ending.at();
    if (at != null && !points.isEmpty() && last().rows().settled() < settled.settled()) {
      points.add(last().atTheEnd(at.toEpochMilli(), settled, sent, spent));
    }
    folder.write(course(ending));
    folder.prune();
  }

  /** As it is now. */
  public RunCourse course(Ending ending) {
    return new RunCourse(
        run, program, startedAt, ending, rows, resumedRows, limits, points, cutAfterMillis);
  }

  private CoursePoint last() {
    return points.get(points.size() - 1);
  }

  private void thinOut() {
    List<CoursePoint> kept = new ArrayList<>();
    for (int i = points.size() - 1; i >= 0; i -= 2) {
      kept.add(0, i == 0 ? points.get(i) : points.get(i).after(points.get(i - 1)));
    }
    points.clear();
    points.addAll(kept);
    intervalMillis *= 2;
  }
}

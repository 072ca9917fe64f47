package io.batchinfer.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.HeldBy;
import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RowSketch;
import io.batchinfer.course.RunCourse;
import io.batchinfer.model.JobStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The points of several runs behind each other. */
class StepsTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void theTimeBetweenRunsIsLeftOut() {
    Steps steps =
        Steps.of(
            course(
                run(START, 0, 20, point(START, 10, 100), point(START, 20, 300)),
                run(
                    START.plusSeconds(9_000),
                    300,
                    20,
                    point(START, 9_010, 350),
                    point(START, 9_020, 450))));

    assertThat(steps.frame().at()).containsExactly(10_000, 20_000, 30_000, 40_000);
    assertThat(steps.frame().cuts()).containsExactly(20_000.0);
    assertThat(steps.frame().length()).isEqualTo(40_000);
    assertThat(steps.rates(point -> point.rows().settled()))
        .as("what came before the first point of a later run is not known")
        .containsExactly(10, 20, Double.NaN, 10);
    assertThat(steps.meanRate(point -> point.rows().settled()))
        .as("400 rows in the 30 seconds that are known")
        .isEqualTo(400 / 30.0);
  }

  @Test
  void rowsThatRunAgainAreNoRateBelowZero() {
    Steps steps =
        Steps.of(
            course(
                run(
                    START,
                    0,
                    30,
                    point(START, 10, 100),
                    point(START, 20, 60),
                    point(START, 30, 90))));

    assertThat(steps.rates(point -> point.rows().settled())).containsExactly(10, 0, 3);
  }

  @Test
  void manyPointsBecomeFewWithoutLosingTimeOrRows() {
    List<CoursePoint> points = new ArrayList<>();
    for (int i = 1; i <= 4_001; i++) {
      points.add(point(START, i, 10L * i));
    }
    Steps steps = Steps.of(course(run(START, 0, 4_001, points.toArray(CoursePoint[]::new))));

    assertThat(steps.all()).hasSizeBetween(150, 300);
    assertThat(steps.meanRate(point -> point.rows().settled())).isEqualTo(10);
    assertThat(steps.held())
        .isEqualTo(Map.of(HeldBy.REQUESTS, 4_001L * 900, HeldBy.PAUSE, 4_001L * 100));
    assertThat(steps.all().get(9).mostlyHeldBy()).isEqualTo(HeldBy.REQUESTS);
  }

  private static JobCourse course(RunCourse... runs) {
    return new JobCourse(List.of(runs), 0, RowSketch.NONE, 0, List.of());
  }

  private static RunCourse run(Instant start, long resumed, int seconds, CoursePoint... points) {
    return new RunCourse(
        "run",
        new RunCourse.Program("1", "local", 1),
        start,
        new RunCourse.Ending(start.plusSeconds(seconds), JobStatus.COMPLETED, null),
        1_000,
        resumed,
        List.of(),
        List.of(points));
  }

  private static CoursePoint point(Instant start, long seconds, long settled) {
    return new CoursePoint(
        start.plusSeconds(seconds).toEpochMilli(),
        new CoursePoint.Rows(settled, 0, new TreeMap<>()),
        new CoursePoint.Attempts(settled, 0, 0, 0),
        new CoursePoint.Moment(1, 0, 1, HeldBy.REQUESTS),
        CoursePoint.Limits.UNKNOWN,
        new CoursePoint.Spent(0, 0, null),
        null,
        CoursePoint.Load.UNKNOWN,
        new TreeMap<>(Map.of(HeldBy.REQUESTS, 900L, HeldBy.PAUSE, 100L)));
  }
}

package io.batchinfer.course;

import io.batchinfer.course.CoursePoint.Attempts;
import io.batchinfer.course.CoursePoint.Latencies;
import io.batchinfer.course.CoursePoint.Limits;
import io.batchinfer.course.CoursePoint.Load;
import io.batchinfer.course.CoursePoint.Moment;
import io.batchinfer.course.CoursePoint.Processors;
import io.batchinfer.course.CoursePoint.Rows;
import io.batchinfer.course.CoursePoint.Spent;
import java.util.Map;
import java.util.TreeMap;

/** Courses of jobs that never were. */
final class Courses {
  private Courses() {}

  /** A point at that moment, with so many rows settled. */
  static CoursePoint point(long atMillis, long settled) {
    return new CoursePoint(
        atMillis,
        new Rows(settled, 1, new TreeMap<>(Map.of("http_400", 1L))),
        new Attempts(settled + 7, 4, 2, 1),
        new Moment(8, 16, 2, HeldBy.REQUESTS),
        new Limits(64, 600.0, null),
        new Spent(100 * settled, 10 * settled, 0.125),
        new Latencies(80, 160.5, 320.25),
        new Load(new Processors(0.25, 0.375, 0.5), new Processors(0.125, null, null), 12),
        new TreeMap<>(Map.of(HeldBy.REQUESTS, 900L, HeldBy.ROWS, 100L)));
  }
}

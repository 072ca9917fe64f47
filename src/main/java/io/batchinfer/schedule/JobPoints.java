package io.batchinfer.schedule;

import io.batchinfer.course.CourseFolder;
import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.CoursePoint.Latencies;
import io.batchinfer.course.RunCourse;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.ProgressPoint;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import io.batchinfer.store.BatchJson;
import io.batchinfer.store.BatchStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a job of the service went over time: what is recorded of its runs, in one series. */
final class JobPoints {
  private static final int MOST_POINTS = 300;

  /** Between two points that are closer no rate is worth showing. */
  private static final long APART_MILLIS = 1000;

  private JobPoints() {}

  /**
   * The points of a job, in the order of time.
   *
   * @param latest how far it is, if it is being worked on: what is recorded may be some seconds old
   */
  static List<ProgressPoint> of(BatchStore store, BatchJob job, Optional<ProgressPoint> latest) {
    List<ProgressPoint> points = new ArrayList<>();
    List<RunCourse> runs = new CourseFolder(store.run(job.workspace(), job.id())).runs();
    for (RunCourse run : runs) {
      run.points().forEach(point -> points.add(shown(point)));
    }
    if (runs.isEmpty()) {
      points.addAll(ofOlderVersion(store.files(), store.timeline(job.workspace(), job.id())));
    }
    latest
        .filter(now -> points.isEmpty() || now.atMillis() - last(points).atMillis() >= APART_MILLIS)
        .ifPresent(points::add);
    return thinned(points);
  }

  private static ProgressPoint last(List<ProgressPoint> points) {
    return points.get(points.size() - 1);
  }

  private static ProgressPoint shown(CoursePoint point) {
    @Nullable Latencies latencies = point.latencies();
    return new ProgressPoint(
        point.atMillis(),
        point.rows().settled(),
        point.rows().failed(),
        point.moment().inFlight(),
        point.spent().promptTokens(),
        point.spent().completionTokens(),
        point.spent().cost(),
        latencies == null ? null : latencies.p50(),
        latencies == null ? null : latencies.p95(),
        latencies == null ? null : latencies.p99(),
        point.rows().errors());
  }

  /** Jobs of earlier versions kept their points beside their run. */
  private static List<ProgressPoint> ofOlderVersion(FileStore files, String path) {
    if (files.find(path).isEmpty()) {
      return List.of();
    }
    try {
      return BatchJson.parsePoints(files.readAll(path));
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  /** Evenly, with the last one. */
  private static List<ProgressPoint> thinned(List<ProgressPoint> points) {
    int step = (points.size() + MOST_POINTS - 1) / MOST_POINTS;
    if (step <= 1) {
      return List.copyOf(points);
    }
    List<ProgressPoint> kept = new ArrayList<>();
    for (int i = points.size() - 1; i >= 0; i -= step) {
      kept.add(0, points.get(i));
    }
    return List.copyOf(kept);
  }
}

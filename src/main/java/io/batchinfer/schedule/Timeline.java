package io.batchinfer.schedule;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.job.RunProgress;
import io.batchinfer.job.RunProgress.Answers;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.Counts;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.ProgressPoint;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import io.batchinfer.store.BatchJson;
import io.batchinfer.store.BatchStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a job went over time, in a bounded number of points: when there are too many, every other one
 * goes and the next ones come half as often. Thread-safe.
 */
final class Timeline {
  private static final int MOST_POINTS = 300;
  private static final long FIRST_INTERVAL_MILLIS = 1000;

  private final FileStore store;
  private final String path;

  @GuardedBy("this")
  private final List<ProgressPoint> points = new ArrayList<>();

  @GuardedBy("this")
  private LatencyHistogram latencies = LatencyHistogram.NONE;

  @GuardedBy("this")
  private long intervalMillis = FIRST_INTERVAL_MILLIS;

  private Timeline(FileStore store, String path, List<ProgressPoint> stored) {
    this.store = store;
    this.path = path;
    this.points.addAll(stored);
  }

  /** The one that is stored of a job, or a new one. */
  static Timeline of(BatchStore store, BatchJob job) {
    return open(store.files(), store.timeline(job.workspace(), job.id()));
  }

  private static Timeline open(FileStore store, String path) {
    if (store.find(path).isEmpty()) {
      return new Timeline(store, path, List.of());
    }
    try {
      return new Timeline(store, path, BatchJson.parsePoints(store.readAll(path)));
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  /** Notes how far the job is, unless that was done a moment ago. */
  synchronized void add(long nowMillis, RunProgress progress) {
    Answers answers = progress.answers();
    long settled = progress.rows().settled();
    boolean over = settled == progress.total();
    if (!points.isEmpty() && !over && nowMillis - last().atMillis() < intervalMillis) {
      return;
    }
    if (over && !points.isEmpty() && last().completed() == settled) {
      return;
    }
    LatencyHistogram news = answers.latencies().minus(latencies);
    latencies = answers.latencies();
    boolean answered = news.total() > 0;
    points.add(
        new ProgressPoint(
            nowMillis,
            settled,
            progress.rows().failed(),
            progress.moment().inFlight(),
            answers.usage().promptTokens(),
            answers.usage().completionTokens(),
            answers.cost(),
            answered ? news.quantileMillis(0.5) : null,
            answered ? news.quantileMillis(0.95) : null,
            answered ? news.quantileMillis(0.99) : null,
            progress.errors()));
    if (points.size() > MOST_POINTS) {
      thinOut();
    }
  }

  /** Notes how the job ended; the last reports of its processes may not have come in. */
  synchronized void end(long nowMillis, Counts counts, @Nullable Double cost) {
    if (points.isEmpty() || last().completed() < counts.settled()) {
      points.add(
          new ProgressPoint(
              nowMillis,
              counts.settled(),
              counts.failed(),
              0,
              counts.usage().promptTokens(),
              counts.usage().completionTokens(),
              cost,
              null,
              null,
              null,
              counts.errors()));
    }
  }

  @GuardedBy("this")
  private ProgressPoint last() {
    return points.get(points.size() - 1);
  }

  @GuardedBy("this")
  private void thinOut() {
    List<ProgressPoint> kept = new ArrayList<>();
    for (int i = points.size() - 1; i >= 0; i -= 2) {
      kept.add(0, points.get(i));
    }
    points.clear();
    points.addAll(kept);
    intervalMillis *= 2;
  }

  synchronized List<ProgressPoint> points() {
    return List.copyOf(points);
  }

  /** Stores what there is. */
  void save() {
    List<ProgressPoint> now = points();
    if (!now.isEmpty()) {
      store.replace(path, BatchJson.points(now));
    }
  }
}

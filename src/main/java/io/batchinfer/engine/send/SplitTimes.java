package io.batchinfer.engine.send;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.course.RowSketch;
import io.batchinfer.course.RowSketch.SlowRow;
import io.batchinfer.model.LatencyHistogram;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long the rows of a split took that this process has sent, as long as it has the split.
 * Thread-safe.
 */
final class SplitTimes {
  private final long[] slowestNanos = new long[RowSketch.MOST_SLOW];

  @GuardedBy("this")
  private final long[] latencies = new long[LatencyHistogram.CLASSES];

  @GuardedBy("this")
  private final List<@Nullable SlowRow> slowest = new ArrayList<>();

  @GuardedBy("this")
  private long rows;

  @GuardedBy("this")
  private long sumNanos;

  @GuardedBy("this")
  private long firstNanos;

  @GuardedBy("this")
  private long lastNanos;

  /**
   * A row has its outcome.
   *
   * @param began when it was ready to be sent, in the same time as {@code ended}
   */
  synchronized void row(@Nullable String customId, int attempts, long began, long ended) {
    long took = ended - began;
    latencies[LatencyHistogram.classOf(took)]++;
    firstNanos = rows == 0 ? began : Math.min(firstNanos, began);
    lastNanos = rows == 0 ? ended : Math.max(lastNanos, ended);
    rows++;
    sumNanos += took;
    noteIfSlow(customId, attempts, took);
  }

  @GuardedBy("this")
  private void noteIfSlow(@Nullable String customId, int attempts, long took) {
    int fastest = 0;
    if (slowest.size() < slowestNanos.length) {
      fastest = slowest.size();
      slowest.add(null);
    } else {
      for (int i = 1; i < slowestNanos.length; i++) {
        fastest = slowestNanos[i] < slowestNanos[fastest] ? i : fastest;
      }
      if (took <= slowestNanos[fastest]) {
        return;
      }
    }
    slowestNanos[fastest] = took;
    slowest.set(fastest, new SlowRow(customId == null ? "" : customId, took / 1_000_000, attempts));
  }

  /** Rows by the class of their latency. */
  synchronized long[] latencies() {
    return latencies.clone();
  }

  /** Those that took longest, in no order. */
  synchronized List<SlowRow> slowest() {
    List<SlowRow> known = new ArrayList<>();
    for (SlowRow row : slowest) {
      if (row != null) {
        known.add(row);
      }
    }
    return known;
  }

  /** All of them, and how long they took together. */
  synchronized RowSketch.Answers all() {
    return new RowSketch.Answers(rows, sumNanos / 1_000_000);
  }

  /** From the first row to the last one, in milliseconds. */
  synchronized long millis() {
    return (lastNanos - firstNanos) / 1_000_000;
  }
}

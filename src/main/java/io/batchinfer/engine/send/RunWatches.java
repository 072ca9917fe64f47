package io.batchinfer.engine.send;

import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.time.Time;
import io.batchinfer.watch.WorkObserver;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Names what in a run stands still in this process, each part after a time of its own, and tells
 * the run's observer which splits are worked on. Thread-safe.
 */
final class RunWatches implements AutoCloseable {
  private static final Duration FLUSH = Duration.ofSeconds(60);

  /** Splits are published one after the other, and a split can hold many large answers. */
  private static final Duration PUBLISHING = Duration.ofMinutes(15);

  private final Watchdog watchdog;
  private final WorkObserver observer;
  private final Duration rows;

  /**
   * @param observer is told which splits are worked on
   * @param notice is told what stands, and since when
   */
  RunWatches(ResolvedOptions options, Time time, WorkObserver observer, Consumer<String> notice) {
    this.observer = observer;
    this.watchdog = new Watchdog(time, time, notice);
    this.rows =
        options
            .get(RetryOptions.REQUEST_TIMEOUT)
            .multipliedBy(options.get(RetryOptions.MAX_ATTEMPTS))
            .plus(options.get(RetryOptions.MAX_COOL_DOWN));
  }

  /** Rows of a split begin to be sent. */
  void splitBegan(int split) {
    observer.splitBegan(split);
  }

  /** A split is over for this process. */
  void splitEnded(int split) {
    observer.splitEnded(split);
  }

  /** Watches the rows of a split that is open. */
  Watchdog.Watch rows(int split, LongSupplier movement) {
    return watchdog.watch(
        "Split %d, some of whose rows are under way".formatted(split), movement, rows);
  }

  /** Watches a split whose parts are being published. */
  Watchdog.Watch publishing(int split) {
    return watchdog.watch("The publishing of split %d".formatted(split), () -> 0, PUBLISHING);
  }

  /** Watches the journal, to the end. */
  void flushes(String segments, LongSupplier movement) {
    Watchdog.Watch unused =
        watchdog.watch("The flush of settled rows to " + segments, movement, FLUSH);
  }

  @Override
  public void close() {
    watchdog.close();
  }
}

package io.batchinfer.time;

import java.time.Duration;

/** Runs tasks later. Implementations are thread-safe; tasks must be short and must not block. */
public interface Scheduler {
  /** A task that has been scheduled. */
  @FunctionalInterface
  interface Cancellable {
    /** Keeps the task from running if it has not started; harmless afterwards. */
    void cancel();
  }

  Cancellable schedule(Runnable task, Duration delay);
}

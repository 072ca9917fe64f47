package io.batchinfer.testing;

import io.batchinfer.time.SystemTime;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The machine's own time, at which something can be thrown wherever it is looked at and in place of
 * every scheduled task. Thread-safe.
 */
public final class FaultyTime extends SystemTime {
  private volatile Runnable beforeLook = () -> {};
  private volatile Runnable beforeTask = () -> {};

  public FaultyTime(String threadName, Consumer<Throwable> whenTaskFails) {
    super(threadName, whenTaskFails);
  }

  /** Runs the first before every look at the ticker, the second before every scheduled task. */
  public void disturb(Runnable look, Runnable task) {
    beforeLook = look;
    beforeTask = task;
  }

  @Override
  public long nanos() {
    beforeLook.run();
    return super.nanos();
  }

  @Override
  public Cancellable schedule(Runnable task, Duration delay) {
    return super.schedule(
        () -> {
          beforeTask.run();
          task.run();
        },
        delay);
  }
}

package io.batchinfer.time;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** The machine's own time: one daemon thread that runs scheduled tasks. */
public class SystemTime implements Time, AutoCloseable {
  /** What {@link #nanos} reads, for those who only measure. */
  public static final Ticker TICKER = System::nanoTime;

  private final ScheduledThreadPoolExecutor executor;
  private final Consumer<Throwable> whenTaskFails;

  /** One whose tasks fail as a thread would: its handler of uncaught exceptions hears of it. */
  public SystemTime(String threadName) {
    this(
        threadName,
        thrown -> {
          Thread thread = Thread.currentThread();
          thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
        });
  }

  /**
   * @param whenTaskFails is told what a scheduled task throws, on the timer's thread, which goes on
   */
  public SystemTime(String threadName, Consumer<Throwable> whenTaskFails) {
    this.whenTaskFails = whenTaskFails;
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, threadName);
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Cancellable schedule(Runnable task, Duration delay) {
    Future<?> future = executor.schedule(() -> run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable thrown) {
      whenTaskFails.accept(thrown);
    }
  }

  @Override
  public void pause(Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    long left = duration.toNanos();
    while (left > 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(this, left);
      left = end - System.nanoTime();
    }
  }

  /**
   * Returns after that time even when the thread is interrupted, which stays visible in its
   * interrupt status: for short waits that have to end with something saved.
   */
  public void pauseUninterruptibly(Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    boolean interrupted = false;
    for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(this, left);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Drops what has not started yet. */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}

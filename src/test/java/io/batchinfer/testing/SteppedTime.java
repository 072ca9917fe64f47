package io.batchinfer.testing;

import io.batchinfer.time.SystemTime;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Time for what has threads of its own: it moves when a test moves it, and when any thread pauses,
 * which takes no time. Scheduled tasks run on the thread that moves it, without a lock.
 * Thread-safe.
 */
public final class SteppedTime extends SystemTime {
  private final Consumer<Throwable> whenTaskFails;
  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::at).thenComparingLong(Task::number));
  private long now;
  private long scheduled;
  private boolean closed;

  private record Task(long at, long number, Runnable body) {}

  /**
   * @param whenTaskFails hears what a scheduled task throws
   */
  public SteppedTime(Consumer<Throwable> whenTaskFails) {
    super("stepped-time", whenTaskFails);
    this.whenTaskFails = whenTaskFails;
  }

  @Override
  public synchronized long nanos() {
    return now;
  }

  @Override
  public synchronized Cancellable schedule(Runnable body, Duration delay) {
    Task task = new Task(now + Math.max(0, delay.toNanos()), scheduled++, body);
    if (!closed) {
      tasks.add(task);
    }
    return () -> cancel(task);
  }

  private synchronized void cancel(Task task) {
    tasks.remove(task);
  }

  /** Moves on; runs what becomes due, each task at its own time. */
  public void advance(Duration duration) {
    long end = nanos() + duration.toNanos();
    for (Task due = takeUntil(end); due != null; due = takeUntil(end)) {
      try {
        due.body().run();
      } catch (Throwable thrown) {
        whenTaskFails.accept(thrown);
      }
    }
  }

  private synchronized @Nullable Task takeUntil(long end) {
    Task first = tasks.peek();
    if (first == null || first.at() > end) {
      now = Math.max(now, end);
      return null;
    }
    now = Math.max(now, first.at());
    return tasks.poll();
  }

  @Override
  public void pause(Duration duration) {
    advance(duration);
  }

  @Override
  public void pauseUninterruptibly(Duration duration) {
    advance(duration);
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      tasks.clear();
    }
    super.close();
  }
}

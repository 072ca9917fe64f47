package io.batchinfer.testing;

import io.batchinfer.time.Elapsed;
import io.batchinfer.time.TickerClock;
import io.batchinfer.time.Time;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Ticker, scheduler, clock and pause that move only when a test moves them; scheduled tasks run on
 * the test's thread, in order of time and then of scheduling. Not thread-safe.
 */
public final class VirtualTime implements Time {
  /** The first of January 2026, as the wall clock counts. */
  private static final long ORIGIN =
      Instant.parse("2026-01-01T00:00:00Z").getEpochSecond() * 1_000_000_000L;

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(
          Comparator.comparingLong((Task task) -> task.at).thenComparingLong(task -> task.number));
  private long now;
  private long scheduled;

  @Override
  public long nanos() {
    return now;
  }

  /** The wall clock, in step with the ticker. */
  public Clock clock() {
    return new TickerClock(() -> ORIGIN + now);
  }

  public Elapsed elapsed() {
    return new Elapsed(this, clock());
  }

  @Override
  public Cancellable schedule(Runnable task, Duration delay) {
    Task entry = new Task(now + Math.max(0, delay.toNanos()), scheduled++, task);
    tasks.add(entry);
    return () -> tasks.remove(entry);
  }

  /** Moves on; runs what becomes due, each task at its own time. */
  public void advance(Duration duration) {
    long end = now + duration.toNanos();
    while (!tasks.isEmpty() && tasks.element().at <= end) {
      Task task = tasks.remove();
      now = Math.max(now, task.at);
      task.body.run();
    }
    now = end;
  }

  /** A pause of the test's own thread lets time pass. */
  @Override
  public void pause(Duration duration) {
    advance(duration);
  }

  /** Tasks that wait for their time. */
  public int pendingTasks() {
    return tasks.size();
  }

  private static final class Task {
    private final long at;
    private final long number;
    private final Runnable body;

    Task(long at, long number, Runnable body) {
      this.at = at;
      this.number = number;
      this.body = body;
    }
  }
}

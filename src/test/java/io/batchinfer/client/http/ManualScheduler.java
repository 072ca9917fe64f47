package io.batchinfer.client.http;

import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Time that moves when the test says so; tasks run on the thread that moves it. */
final class ManualScheduler implements Scheduler, Ticker {
  private record Task(long dueMillis, Runnable action) {}

  private final List<Task> tasks = new ArrayList<>();
  private long nowMillis;

  @Override
  public synchronized long nanos() {
    return nowMillis * 1_000_000;
  }

  @Override
  public synchronized Cancellable schedule(Runnable task, Duration delay) {
    Task planned = new Task(nowMillis + delay.toMillis(), task);
    tasks.add(planned);
    return () -> cancel(planned);
  }

  private synchronized void cancel(Task task) {
    tasks.remove(task);
  }

  synchronized int pending() {
    return tasks.size();
  }

  synchronized void advanceMillis(long millis) {
    long end = nowMillis + millis;
    for (Optional<Task> next = dueBy(end); next.isPresent(); next = dueBy(end)) {
      tasks.remove(next.get());
      nowMillis = next.get().dueMillis();
      next.get().action().run();
    }
    nowMillis = end;
  }

  private Optional<Task> dueBy(long end) {
    return tasks.stream()
        .filter(task -> task.dueMillis() <= end)
        .min(Comparator.comparingLong(Task::dueMillis));
  }
}

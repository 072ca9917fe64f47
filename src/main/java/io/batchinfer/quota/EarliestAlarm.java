package io.batchinfer.quota;

import io.batchinfer.time.Scheduler;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One alarm that is set to several times and goes off at the earliest of them. Not thread-safe:
 * what it runs tells it first, under the lock of its owner, that it went off.
 */
final class EarliestAlarm {
  private final Scheduler scheduler;
  private final Runnable task;
  private Scheduler.@Nullable Cancellable pending;
  private long due;

  EarliestAlarm(Scheduler scheduler, Runnable task) {
    this.scheduler = scheduler;
    this.task = task;
  }

  /** Goes off at that time too, in nanoseconds of the owner's ticker, if not before. */
  void set(long at, long now) {
    if (pending != null && due <= at) {
      return;
    }
    if (pending != null) {
      pending.cancel();
    }
    due = at;
    pending = scheduler.schedule(task, Duration.ofNanos(at - now));
  }

  void wentOff() {
    pending = null;
  }
}

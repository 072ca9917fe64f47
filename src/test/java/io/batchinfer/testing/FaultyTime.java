package io.batchinfer.testing;

import io.batchinfer.time.SystemTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The machine's own time, at which something can be thrown wherever it is looked at and in place of
 * every scheduled task, and of which some can be left out. Thread-safe.
 */
public final class FaultyTime extends SystemTime {
  private volatile Runnable beforeLook = () -> {};
  private volatile Runnable beforeTask = () -> {};
  private final AtomicLong skipped = new AtomicLong();

  public FaultyTime(String threadName, Consumer<Throwable> whenTaskFails) {
    super(threadName, whenTaskFails);
  }

  /** Runs the first before every look at the ticker, the second before every scheduled task. */
  public void disturb(Runnable look, Runnable task) {
    beforeLook = look;
    beforeTask = task;
  }

  /** Lets so much time have passed for whoever looks at it; what is scheduled does not hurry. */
  public void skip(Duration duration) {
    skipped.addAndGet(duration.toNanos());
  }

  @Override
  public long nanos() {
    beforeLook.run();
    return super.nanos() + skipped.get();
  }

  /** The time of day, of which the same is left out. */
  public Clock clock() {
    Clock system = Clock.systemUTC();
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return system.getZone();
      }

      @Override
      public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("only the time itself is looked at");
      }

      @Override
      public Instant instant() {
        return system.instant().plusNanos(skipped.get());
      }
    };
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

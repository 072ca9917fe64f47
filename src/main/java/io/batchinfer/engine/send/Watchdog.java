package io.batchinfer.engine.send;

import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Names what has not moved for a long time, once for each standstill. Looks now and then at numbers
 * that are there anyway, so that watching costs nothing. Thread-safe.
 */
final class Watchdog implements AutoCloseable {
  /** What a watched thing says that has nothing to do. */
  static final long IDLE = -1;

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(15);

  private final Scheduler scheduler;
  private final Ticker ticker;
  private final Consumer<String> notice;
  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * @param notice is told what stands, and since when
   */
  Watchdog(Scheduler scheduler, Ticker ticker, Consumer<String> notice) {
    this.scheduler = scheduler;
    this.ticker = ticker;
    this.notice = notice;
    scheduler.schedule(this::look, BETWEEN_LOOKS);
  }

  /** One thing that is watched until this is closed. */
  final class Watch implements AutoCloseable {
    private final String name;
    private final LongSupplier movement;
    private final Duration patience;

    // Only touched by the looks.
    private long last;
    private long since;
    private boolean told;

    private Watch(String name, LongSupplier movement, Duration patience) {
      this.name = name;
      this.movement = movement;
      this.patience = patience;
      this.last = movement.getAsLong();
      this.since = ticker.nanos();
    }

    private void look(long now) {
      long current = movement.getAsLong();
      if (current != last || current == IDLE) {
        last = current;
        since = now;
        told = false;
      } else if (!told && now - since >= patience.toNanos()) {
        told = true;
        notice.accept(
            "%s: has not moved for %d s."
                .formatted(name, Duration.ofNanos(now - since).toSeconds()));
      }
    }

    @Override
    public void close() {
      watches.remove(this);
    }
  }

  /**
   * Watches a thing.
   *
   * @param movement a number that changes while it moves, or {@link #IDLE}; cheap
   * @param patience how long it may stand
   */
  Watch watch(String name, LongSupplier movement, Duration patience) {
    Watch watch = new Watch(name, movement, patience);
    watches.add(watch);
    return watch;
  }

  private void look() {
    if (closed) {
      return;
    }
    try {
      long now = ticker.nanos();
      watches.forEach(watch -> watch.look(now));
    } finally {
      scheduler.schedule(this::look, BETWEEN_LOOKS);
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}

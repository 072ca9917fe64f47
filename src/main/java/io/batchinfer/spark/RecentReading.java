package io.batchinfer.spark;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.time.Ticker;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that costs something to read, read anew only when it is older than half a second: a sink
 * asks for every number of a source by itself. Thread-safe.
 */
final class RecentReading<V> implements Supplier<V> {
  private static final Duration RECENT = Duration.ofMillis(500);

  private final Supplier<V> reading;
  private final Ticker ticker;

  @GuardedBy("this")
  private @Nullable V last;

  @GuardedBy("this")
  private long readAt;

  RecentReading(Supplier<V> reading, Ticker ticker) {
    this.reading = reading;
    this.ticker = ticker;
  }

  @Override
  public synchronized V get() {
    V value = last;
    long now = ticker.nanos();
    if (value == null || now - readAt > RECENT.toNanos()) {
      value = reading.get();
      last = value;
      readAt = now;
    }
    return value;
  }
}

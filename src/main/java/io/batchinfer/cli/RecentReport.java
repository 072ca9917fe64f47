package io.batchinfer.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.time.Ticker;
import java.util.function.Supplier;

/**
 * A report that is made anew when it is asked for, but not all the time: making it reads a file for
 * each published split. Thread-safe.
 */
final class RecentReport implements Supplier<byte[]> {
  /** A tenth of the time at most goes into making it. */
  private static final int PAUSES = 9;

  private final Supplier<byte[]> made;
  private final Ticker ticker;

  @GuardedBy("this")
  private byte[] last = {};

  @GuardedBy("this")
  private long dueAt;

  RecentReport(Supplier<byte[]> made, Ticker ticker) {
    this.made = made;
    this.ticker = ticker;
  }

  @Override
  public synchronized byte[] get() {
    long began = ticker.nanos();
    if (last.length == 0 || began - dueAt >= 0) {
      last = made.get();
      long now = ticker.nanos();
      dueAt = now + PAUSES * (now - began);
    }
    return last.clone();
  }
}

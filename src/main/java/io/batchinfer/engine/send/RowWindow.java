package io.batchinfer.engine.send;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Bounds the rows between reading and settling, in number and in bytes. A reader that had to wait
 * is woken only when there is room for many rows, so that threads do not take turns row by row.
 * Thread-safe.
 */
final class RowWindow {
  private final IntSupplier maxRows;
  private final LongSupplier maxBytes;

  @GuardedBy("this")
  private int rows;

  @GuardedBy("this")
  private long bytes;

  private volatile long told;

  @GuardedBy("this")
  private boolean waiting;

  @GuardedBy("this")
  private boolean closed;

  RowWindow(IntSupplier maxRows, LongSupplier maxBytes) {
    this.maxRows = maxRows;
    this.maxBytes = maxBytes;
  }

  /**
   * Waits for room for rows that go together; false when the window was closed instead. What is
   * larger than all is let in alone.
   *
   * @param entering how many
   * @param theirBytes of all of them
   */
  synchronized boolean enter(int entering, long theirBytes) throws InterruptedException {
    while (!closed
        && rows > 0
        && (rows > maxRows.getAsInt() - entering || bytes + theirBytes > maxBytes.getAsLong())) {
      waiting = true;
      wait();
    }
    if (closed) {
      return false;
    }
    rows += entering;
    bytes += theirBytes;
    told = bytes;
    return true;
  }

  synchronized void leave(long rowBytes) {
    rows--;
    bytes -= rowBytes;
    told = bytes;
    wakeIfAmple();
  }

  /** Wakes a reader that waits for room which there is by now, since more rows may be in. */
  synchronized void grown() {
    wakeIfAmple();
  }

  @GuardedBy("this")
  private void wakeIfAmple() {
    if (waiting && (rows == 0 || hasAmpleRoom())) {
      waiting = false;
      notifyAll();
    }
  }

  @GuardedBy("this")
  private boolean hasAmpleRoom() {
    return rows <= maxRows.getAsInt() / 4 * 3 && bytes <= maxBytes.getAsLong() * 3 / 4;
  }

  synchronized void close() {
    closed = true;
    notifyAll();
  }

  /**
   * Bytes of the rows that are in. Takes no lock: those who ask hold locks that this window waits
   * for.
   */
  long bytes() {
    return told;
  }

  synchronized int rows() {
    return rows;
  }
}

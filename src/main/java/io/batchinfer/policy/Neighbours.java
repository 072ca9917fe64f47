package io.batchinfer.policy;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How the rows of one process fare together: what a single row's failures are held against.
 * Thread-safe.
 */
public final class Neighbours {
  /** Rows that may fail one after the other, none succeeding in between, by their own fault. */
  private static final int MOST_IN_A_ROW = 10;

  /** Of rows that failed, how many must fail alike again for each one that did not. */
  private static final long REPEATED_FOR_RECOVERED = 4;

  private final AtomicLong successes = new AtomicLong();
  private final AtomicLong turnedAway = new AtomicLong();
  private final AtomicLong rowsFailed = new AtomicLong();
  private final AtomicLong recovered = new AtomicLong();
  private final AtomicLong repeated = new AtomicLong();
  private final AtomicLong failedInARow = new AtomicLong(MOST_IN_A_ROW);

  /** The history of another row among them. */
  public RowHistory newRow() {
    return new RowHistory(this, new RowOutages());
  }

  /** The same for a row that may have made an endpoint go away in the company of others. */
  public RowHistory newSuspect() {
    return new RowHistory(this, RowOutages.ofSuspect());
  }

  /** Sums at a moment, to see later what came since. */
  record Mark(long successes, long turnedAway, long rowsFailed) {}

  Mark mark() {
    return new Mark(successes.get(), turnedAway.get(), rowsFailed.get());
  }

  void succeeded() {
    failedInARow.set(0);
    successes.incrementAndGet();
  }

  void turnedAway() {
    turnedAway.incrementAndGet();
  }

  /** A row failed for the first time. */
  void rowFailed() {
    rowsFailed.incrementAndGet();
    failedInARow.incrementAndGet();
  }

  /** A row that had failed was answered otherwise when it was sent again. */
  void rowRecovered() {
    recovered.incrementAndGet();
  }

  /** A row that had failed got the very same answer when it was sent again. */
  void rowRepeated() {
    repeated.incrementAndGet();
  }

  /** Whether others succeed, as far as the last few answers show. */
  boolean succeed() {
    return failedInARow.get() < MOST_IN_A_ROW;
  }

  /** Whether sending a row again that failed is of no use here, as far as it was tried. */
  boolean isRepeatingUseless() {
    return repeated.get() >= REPEATED_FOR_RECOVERED * recovered.get();
  }
}

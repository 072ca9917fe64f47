package io.batchinfer.engine.send;

import io.batchinfer.model.Split;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A split that a worker has opened: how many of its rows are still under way. */
final class SplitProgress {
  private final Split split;
  private final Consumer<SplitProgress> whenSettled;
  private final BitSet leftOut = new BitSet();
  private final SplitTimes times = new SplitTimes();
  private final RowKinds kinds;
  private volatile Watchdog.@Nullable Watch watch;

  /** One for the reader, one for every row under way. */
  private final AtomicInteger open = new AtomicInteger(1);

  /**
   * @param whenSettled is given this when the reader is through and all rows are settled
   */
  SplitProgress(Split split, Consumer<SplitProgress> whenSettled) {
    this.split = split;
    this.whenSettled = whenSettled;
    this.kinds = new RowKinds(split.lines());
  }

  Split split() {
    return split;
  }

  /**
   * The row at that line gets its outcome later, when its split is reopened. To be called by the
   * reader.
   */
  void leaveOut(int line) {
    leftOut.set(line);
  }

  /** Lines without an outcome. To be called when all others have one. */
  BitSet leftOut() {
    return leftOut;
  }

  /** How long its rows took so far. */
  SplitTimes times() {
    return times;
  }

  /**
   * Of which kinds its rows are. Written by the reader; to be read when all of them have an
   * outcome.
   */
  RowKinds kinds() {
    return kinds;
  }

  void rowOpened() {
    open.incrementAndGet();
  }

  /** Is watched by that until all rows are settled. To be called by the reader, once. */
  void watchedBy(Watchdog.Watch newWatch) {
    watch = newWatch;
  }

  /** Rows under way, and one for the reader: changes while anything moves. */
  long movement() {
    return open.get();
  }

  /** Whether all rows that were opened are settled. Only for the reader. */
  boolean isSettledSoFar() {
    return open.get() == 1;
  }

  /** Called for every row that is settled, and once when the reader is through. */
  void done() {
    if (open.decrementAndGet() == 0) {
      Watchdog.Watch watching = watch;
      if (watching != null) {
        watching.close();
      }
      whenSettled.accept(this);
    }
  }
}

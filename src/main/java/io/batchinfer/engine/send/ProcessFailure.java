package io.batchinfer.engine.send;

import io.batchinfer.engine.Unexpected;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Why a process can no longer work on a run: the first cause counts, and all workers of the run in
 * this process see it. Thread-safe.
 */
final class ProcessFailure {
  private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();
  private final Unexpected unexpected = new Unexpected(this::fail);
  private volatile Runnable whenFailed = () -> {};

  /**
   * @param stop lets nothing new out and wakes who waits; run with every failure
   */
  void whenFailed(Runnable stop) {
    whenFailed = stop;
    if (cause() != null) {
      stop.run();
    }
  }

  /** Is told what callbacks throw that they should not; an Error ends the run in this process. */
  Unexpected unexpected() {
    return unexpected;
  }

  /** Ends the run, here and at the driver, because of what should not have been thrown. */
  void broke(Throwable thrown) {
    Throwable ending;
    try {
      ending = Unexpected.ending(thrown);
    } catch (Throwable noMemory) {
      ending = noMemory;
    }
    fail(ending);
  }

  /** Ends the run in this process with that cause; the first one counts. Never throws. */
  private void fail(Throwable thrown) {
    boolean isFirst = first.compareAndSet(null, thrown);
    try {
      whenFailed.run();
    } catch (Throwable second) {
      thrown.addSuppressed(second);
    }
    if (isFirst) {
      unexpected.log("The run ends in this process", thrown);
    }
  }

  /** Why this process can no longer work on the run, or null. */
  @Nullable Throwable cause() {
    return first.get();
  }

  /** Throws the cause if there is one. */
  void refuse() {
    Throwable cause = cause();
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause != null) {
      throw (RuntimeException) cause;
    }
  }
}

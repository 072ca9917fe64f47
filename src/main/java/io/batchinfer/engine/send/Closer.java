package io.batchinfer.engine.send;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Closes what was opened, the last first, and all of it even where one fails. Not thread-safe. */
final class Closer implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /** Will close that; returns it. */
  <T extends AutoCloseable> T add(T opened) {
    open.push(opened);
    return opened;
  }

  /**
   * Closes all.
   *
   * @throws IllegalStateException of the first failure, which names the others as suppressed
   */
  @Override
  public void close() {
    @Nullable IllegalStateException failure = null;
    while (!open.isEmpty()) {
      AutoCloseable next = open.pop();
      try {
        next.close();
      } catch (Throwable thrown) {
        if (failure == null) {
          failure = new IllegalStateException("Not everything could be closed", thrown);
        } else {
          failure.addSuppressed(thrown);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}

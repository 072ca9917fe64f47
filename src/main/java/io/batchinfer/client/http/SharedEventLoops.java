package io.batchinfer.client.http;

import org.jspecify.annotations.Nullable;

/**
 * A use of the event loops that everything in a process has in common: started with the first use,
 * ended with the last. Thread-safe.
 */
public final class SharedEventLoops implements AutoCloseable {
  private static final int COUNT_LIMIT = 8;

  private static final Object LOCK = new Object();
  private static @Nullable EventLoops shared;
  private static int users;

  private final EventLoops loops;
  private boolean closed;

  private SharedEventLoops(EventLoops loops) {
    this.loops = loops;
  }

  /** Threads that a process on this machine does well with. */
  public static int usualCount() {
    return Math.min(COUNT_LIMIT, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Uses them.
   *
   * @param count how many threads to start where there are none yet
   */
  public static SharedEventLoops use(int count) {
    synchronized (LOCK) {
      @Nullable EventLoops running = shared;
      if (running == null) {
        running = EventLoops.open(count);
        shared = running;
      }
      users++;
      return new SharedEventLoops(running);
    }
  }

  public EventLoops loops() {
    return loops;
  }

  @Override
  public void close() {
    synchronized (LOCK) {
      if (closed) {
        return;
      }
      closed = true;
      users--;
      if (users > 0) {
        return;
      }
      shared = null;
    }
    loops.close();
  }
}

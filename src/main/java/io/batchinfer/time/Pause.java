package io.batchinfer.time;

import java.time.Duration;

/** Blocks the calling thread for a while. */
@FunctionalInterface
public interface Pause {
  /**
   * Returns after that time, or earlier when the thread is interrupted, which stays visible in its
   * interrupt status.
   */
  void pause(Duration duration);
}

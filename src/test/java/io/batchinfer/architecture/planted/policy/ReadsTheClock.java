package io.batchinfer.architecture.planted.policy;

import com.fasterxml.jackson.core.JsonFactory;

/** A decision with a clock and a library of its own. */
public final class ReadsTheClock {
  private ReadsTheClock() {}

  /** Time that no test can set. */
  public static long nanos() {
    return System.nanoTime();
  }

  /** JSON where none belongs. */
  public static JsonFactory json() {
    return new JsonFactory();
  }
}

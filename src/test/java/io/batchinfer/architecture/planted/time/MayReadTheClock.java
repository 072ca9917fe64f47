package io.batchinfer.architecture.planted.time;

/** Where reading the clock is right. */
public final class MayReadTheClock {
  private MayReadTheClock() {}

  /** The machine's time. */
  public static long nanos() {
    return System.nanoTime();
  }
}

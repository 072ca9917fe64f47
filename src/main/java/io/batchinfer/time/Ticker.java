package io.batchinfer.time;

/** Elapsed time in nanoseconds from an arbitrary origin; never goes back. */
@FunctionalInterface
public interface Ticker {
  long nanos();
}

package io.batchinfer.quota;

import java.util.Arrays;

/**
 * Recognises requests that are always cut off after the same time: a limit of something in between,
 * not an endpoint that is overloaded. Not thread-safe.
 */
final class CutDetector {
  private static final int SAMPLE = 8;
  private static final double LIKENESS = 1.03;
  private static final long LEAST_NANOS = 3_000_000_000L;

  private final long[] durations = new long[SAMPLE];
  private int count;

  void cutAfter(long nanos) {
    durations[count % SAMPLE] = nanos;
    count++;
  }

  /** After how long, or 0 where there is no such pattern. */
  long cutAfter() {
    if (count < SAMPLE) {
      return 0;
    }
    long shortest = Arrays.stream(durations).min().orElse(0);
    long longest = Arrays.stream(durations).max().orElse(0);
    return shortest >= LEAST_NANOS && longest <= shortest * LIKENESS ? longest : 0;
  }
}

package io.batchinfer.simulator;

/** Turns hashes and seeds into well-spread 64-bit numbers. */
final class Mix {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final double UNIT = 0x1.0p-53;

  private Mix() {}

  static long mix(long a, long b) {
    return finish(finish(a + GOLDEN) ^ (b * GOLDEN + 1));
  }

  /** From 0 (inclusive) to 1 (exclusive). */
  static double unit(long bits) {
    return (bits >>> 11) * UNIT;
  }

  /** From 0 (inclusive) to the bound (exclusive). */
  static int below(long bits, int bound) {
    return (int) Long.remainderUnsigned(bits, bound);
  }

  /** A hash of bytes that is only used to derive answers, never to tell requests apart. */
  static long ofBytes(byte[] bytes, int from, int to) {
    long hash = 0;
    for (int i = from; i < to; i++) {
      hash = (hash ^ bytes[i]) * 0x100000001B3L;
    }
    return finish(hash);
  }

  private static long finish(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}

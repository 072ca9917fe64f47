package io.batchinfer.compare;

/**
 * Counts of tokens by powers of two: bin 0 holds 0, bin 1 holds 1, bin 2 holds 2 and 3, and so on.
 * Not thread-safe.
 */
final class AnswerLengths {
  static final int BINS = 32;

  private final long[] counts = new long[BINS];

  void add(long tokens) {
    int bin = Long.SIZE - Long.numberOfLeadingZeros(Math.max(0, tokens));
    counts[Math.min(BINS - 1, bin)]++;
  }

  void add(AnswerLengths other) {
    for (int i = 0; i < BINS; i++) {
      counts[i] += other.counts[i];
    }
  }

  long count(int bin) {
    return counts[bin];
  }

  long total() {
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    return total;
  }

  /** Fewest tokens of a bin. */
  static long lowest(int bin) {
    return bin == 0 ? 0 : 1L << (bin - 1);
  }

  /** The tokens of a bin, such as {@code 4 to 7}. */
  static String label(int bin) {
    long lowest = lowest(bin);
    return bin < 2 ? String.valueOf(lowest) : lowest + " to " + (2 * lowest - 1);
  }

  /** The bin in which the middle answer lies; -1 where there is none. */
  int medianBin() {
    long half = (total() + 1) / 2;
    long seen = 0;
    for (int i = 0; i < BINS && half > 0; i++) {
      seen += counts[i];
      if (seen >= half) {
        return i;
      }
    }
    return -1;
  }
}

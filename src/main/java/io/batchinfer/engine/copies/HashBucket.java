package io.batchinfer.engine.copies;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A part of the hash space that fits into memory.
 *
 * @param number from 0
 * @param of how many buckets there are
 */
public record HashBucket(int number, int of) implements Serializable {
  /** Rows of one bucket: 32 bytes each in memory. */
  private static final long ROWS = 2_000_000;

  /** The buckets that so many rows need. */
  public static List<HashBucket> forRows(long rows) {
    int buckets = (int) Math.max(1, (rows + ROWS - 1) / ROWS);
    return IntStream.range(0, buckets).mapToObj(number -> new HashBucket(number, buckets)).toList();
  }

  /** Whether a hash with that upper half is in the bucket. */
  boolean holds(long high) {
    return Long.remainderUnsigned(high, of) == number;
  }
}

package io.batchinfer.engine.send;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;

/**
 * How large an answer usually is: nine of ten recent ones are not larger. Starts small, since the
 * first answers come four at a time. Thread-safe.
 */
final class AnswerSizes {
  private static final int RECENT = 64;
  private static final int FIRST = 16 << 10;

  /** Sorting for every answer would cost more than it tells. */
  private static final int LOOK_EVERY = 8;

  private final long[] recent = new long[RECENT];

  @GuardedBy("recent")
  private int count;

  private volatile long usual = FIRST;

  /** Notes that an answer will be so large: all that is known as long as none has come. */
  void announced(long bytes) {
    synchronized (recent) {
      if (count == 0 && bytes > usual) {
        usual = bytes;
      }
    }
  }

  /** Notes the size of a whole answer in bytes. */
  void add(long bytes) {
    synchronized (recent) {
      recent[count % RECENT] = bytes;
      count++;
      if (count <= LOOK_EVERY || count % LOOK_EVERY == 0) {
        int known = Math.min(count, RECENT);
        long[] sorted = Arrays.copyOf(recent, known);
        Arrays.sort(sorted);
        usual = Math.max(FIRST, sorted[(known - 1) - known / 10]);
      }
    }
  }

  /** Bytes of a usual answer. Cheap. */
  long usual() {
    return usual;
  }
}

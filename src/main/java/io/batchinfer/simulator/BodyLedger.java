package io.batchinfer.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.model.Hash128;

/**
 * How often each request was received and whether it was answered 200, in 12 bytes per request and
 * free slot. Thread-safe.
 */
final class BodyLedger {
  private static final int INITIAL = 1024;
  private static final int ANSWERED = 1 << 31;

  @GuardedBy("this")
  private long[] keys = new long[INITIAL];

  @GuardedBy("this")
  private int[] marks = new int[INITIAL];

  @GuardedBy("this")
  private int size;

  /** An attempt as it was received. */
  record Attempt(int number, boolean answeredBefore) {}

  synchronized Attempt receive(Hash128 body) {
    if (size * 2 >= keys.length) {
      grow();
    }
    int slot = slotOf(keys, keyOf(body));
    if (marks[slot] == 0) {
      keys[slot] = keyOf(body);
      size++;
    }
    marks[slot]++;
    return new Attempt(marks[slot] & ~ANSWERED, (marks[slot] & ANSWERED) != 0);
  }

  /** Notes that a received request has been answered 200. */
  synchronized void answered(Hash128 body) {
    int slot = slotOf(keys, keyOf(body));
    if (keys[slot] != 0) {
      marks[slot] |= ANSWERED;
    }
  }

  synchronized int distinct() {
    return size;
  }

  synchronized void clear() {
    keys = new long[INITIAL];
    marks = new int[INITIAL];
    size = 0;
  }

  @GuardedBy("this")
  private void grow() {
    long[] widerKeys = new long[keys.length * 2];
    int[] widerMarks = new int[keys.length * 2];
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] != 0) {
        int slot = slotOf(widerKeys, keys[i]);
        widerKeys[slot] = keys[i];
        widerMarks[slot] = marks[i];
      }
    }
    keys = widerKeys;
    marks = widerMarks;
  }

  /** 64 of the 128 bits tell requests apart well enough; 0 means a free slot. */
  private static long keyOf(Hash128 body) {
    return body.low() == 0 ? 1 : body.low();
  }

  private static int slotOf(long[] keys, long key) {
    int mask = keys.length - 1;
    int slot = (int) (key >>> 17) & mask;
    while (keys[slot] != 0 && keys[slot] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}

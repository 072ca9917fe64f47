package io.batchinfer.quota;

import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Attempts that wait to be let out, in order; those that cost more than a minute's tokens wait
 * behind all others. Not thread-safe.
 */
final class WaitingRows {
  private final ArrayDeque<WaitingRow> ordinary = new ArrayDeque<>();
  private final ArrayDeque<WaitingRow> oversized = new ArrayDeque<>();

  void add(WaitingRow row, long tokensPerMinute) {
    boolean big = tokensPerMinute > 0 && row.request().estimatedTokens() > tokensPerMinute;
    (big ? oversized : ordinary).addLast(row);
  }

  /** Sorts all anew, because the limit has changed. */
  void sortOut(long tokensPerMinute) {
    ArrayDeque<WaitingRow> all = new ArrayDeque<>(ordinary);
    all.addAll(oversized);
    ordinary.clear();
    oversized.clear();
    all.forEach(row -> add(row, tokensPerMinute));
  }

  @Nullable WaitingRow head() {
    return ordinary.isEmpty() ? oversized.peekFirst() : ordinary.peekFirst();
  }

  void removeHead() {
    (ordinary.isEmpty() ? oversized : ordinary).removeFirst();
  }

  boolean isEmpty() {
    return ordinary.isEmpty() && oversized.isEmpty();
  }

  int size() {
    return ordinary.size() + oversized.size();
  }

  int ordinary() {
    return ordinary.size();
  }

  /** Costs of the next rows, after those that have their permits. */
  long[] costs(int skip, int count, TokenCharge charge) {
    if (ordinary.isEmpty() && !oversized.isEmpty() && count > 0) {
      return new long[] {oversized.element().request().estimatedTokens()};
    }
    Iterator<WaitingRow> rows = ordinary.iterator();
    for (int i = 0; i < skip && rows.hasNext(); i++) {
      rows.next();
    }
    long[] costs = new long[count];
    for (int i = 0; i < count; i++) {
      costs[i] = rows.hasNext() ? charge.of(rows.next().request().estimatedTokens()) : 0;
    }
    return costs;
  }
}

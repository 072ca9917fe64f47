package io.batchinfer.quota;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attempts that wait to be let out, in order; those that cost more than a minute's tokens wait
 * behind all others. Rows that an outage took come before those that no outage has met, but only a
 * few of them at once, so that few are under way in the next outage as well; those that were are
 * suspects, and wait apart. Not thread-safe.
 */
final class WaitingRows {
  private final ArrayDeque<WaitingRow> taken = new ArrayDeque<>();
  private final GroupedRows ordinary = new GroupedRows();
  private final ArrayDeque<WaitingRow> oversized = new ArrayDeque<>();
  private final ArrayDeque<WaitingRow> suspects = new ArrayDeque<>();

  /** Which rows may go out beside others. */
  enum Among {
    /** Those that were under way in an outage as well. */
    ALL,
    /** Those that no outage has met. */
    UNTOUCHED
  }

  void add(WaitingRow row, long tokensPerMinute) {
    boolean big = tokensPerMinute > 0 && row.request().estimatedTokens() > tokensPerMinute;
    if (row.outages().isSuspect()) {
      suspects.addLast(row);
    } else if (big) {
      oversized.addLast(row);
    } else {
      if (row.outages().count() > 0) {
        taken.addLast(row);
      } else {
        ordinary.add(row);
      }
    }
  }

  /** Sorts all anew, because the limit has changed. */
  void sortOut(long tokensPerMinute) {
    ArrayDeque<WaitingRow> all = new ArrayDeque<>(taken);
    ordinary.forEach(all::addLast);
    all.addAll(oversized);
    taken.clear();
    ordinary.clear();
    oversized.clear();
    all.forEach(row -> add(row, tokensPerMinute));
  }

  /** Takes the next row that may be under way beside others. */
  @Nullable WaitingRow next(Among among) {
    WaitingRow first = first(among);
    return first == null ? null : take(first, among);
  }

  /** The row that {@link #next} would take. */
  @Nullable WaitingRow first(Among among) {
    if (isOrdinaryNext(among)) {
      return ordinary.first();
    }
    if (taken.isEmpty()) {
      return oversized.peekFirst();
    }
    return among == Among.ALL ? taken.peekFirst() : null;
  }

  /** Takes the row that {@link #first} names, or of the ordinary ones the first of any group. */
  WaitingRow take(WaitingRow row, Among among) {
    if (isOrdinaryNext(among)) {
      return ordinary.take(row);
    }
    return taken.isEmpty() ? oversized.removeFirst() : taken.removeFirst();
  }

  /** Whether the next row is one that neither outages nor its size keep back. */
  boolean isOrdinaryNext(Among among) {
    return !ordinary.isEmpty() && (among == Among.UNTOUCHED || taken.isEmpty());
  }

  /** Those that neither outages nor their size keep back. */
  GroupedRows grouped() {
    return ordinary;
  }

  /** Takes a row to find out whether an endpoint is back: one that no outage has met, if any. */
  @Nullable WaitingRow nextToLook() {
    WaitingRow first = ordinary.first();
    if (first != null) {
      return ordinary.take(first);
    }
    for (ArrayDeque<WaitingRow> rows : List.of(taken, oversized, suspects)) {
      if (!rows.isEmpty()) {
        return rows.removeFirst();
      }
    }
    return null;
  }

  /** Takes a row that is to be under way alone. */
  @Nullable WaitingRow nextSuspect() {
    return suspects.pollFirst();
  }

  int suspects() {
    return suspects.size();
  }

  boolean isEmpty() {
    return size() == 0;
  }

  int size() {
    return taken.size() + ordinary.size() + oversized.size() + suspects.size();
  }

  /** Rows that the rate alone keeps back. */
  int ordinary() {
    return taken.size() + ordinary.size();
  }

  /** Costs of the next rows, after those that have their permits. */
  long[] costs(int skip, int count, TokenCharge charge) {
    if (ordinary() == 0 && !isEmpty() && count > 0) {
      WaitingRow alone = oversized.isEmpty() ? suspects.element() : oversized.element();
      return new long[] {alone.request().estimatedTokens()};
    }
    long[] costs = new long[count];
    Iterator<WaitingRow> rows = taken.iterator();
    Iterator<WaitingRow> others = ordinary.iterator();
    for (int i = -skip; i < count; i++) {
      rows = rows.hasNext() ? rows : others;
      long tokens = rows.hasNext() ? rows.next().request().estimatedTokens() : 0;
      if (i >= 0) {
        costs[i] = tokens == 0 ? 0 : charge.of(tokens);
      }
    }
    return costs;
  }
}

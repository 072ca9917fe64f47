package io.batchinfer.engine.copies;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Rows of a part of the hash space by what they ask: filled first, then sorted through an index so
 * that equal ones are neighbours, then asked. 32 bytes a row. Not thread-safe.
 */
final class HashedRows {
  private static final int INDEX_BITS = 31;
  private static final long INDEX = (1L << INDEX_BITS) - 1;

  private long[] high = new long[4096];
  private long[] low = new long[4096];
  private long[] place = new long[4096];
  private long[] sorted = {};
  private int count;

  /**
   * Adds a row behind all others.
   *
   * @param rowPlace where it stands, as the caller numbers rows
   */
  void add(long rowHigh, long rowLow, long rowPlace) {
    if (count == high.length) {
      high = Arrays.copyOf(high, count * 2);
      low = Arrays.copyOf(low, count * 2);
      place = Arrays.copyOf(place, count * 2);
    }
    high[count] = rowHigh;
    low[count] = rowLow;
    place[count] = rowPlace;
    count++;
  }

  /** Ends the filling. Rows of one hash keep the order in which they were added. */
  void sort() {
    sorted = new long[count];
    for (int i = 0; i < count; i++) {
      sorted[i] = key(high[i]) | i;
    }
    Arrays.sort(sorted);
  }

  private static long key(long rowHigh) {
    return rowHigh << INDEX_BITS;
  }

  /** Gives the places of equal rows, at least two at a time, in the order of adding. */
  void eachGroup(Consumer<List<Long>> group) {
    int from = 0;
    while (from < count) {
      int to = from + 1;
      while (to < count && sorted[to] >>> INDEX_BITS == sorted[from] >>> INDEX_BITS) {
        to++;
      }
      if (to - from > 1) {
        among(from, to, group);
      }
      from = to;
    }
  }

  /** Neighbours agree in a part of their hashes only; they mostly are all equal. */
  private void among(int from, int to, Consumer<List<Long>> group) {
    List<List<Long>> groups = new ArrayList<>(1);
    List<Integer> firsts = new ArrayList<>(1);
    for (int i = from; i < to; i++) {
      int row = (int) (sorted[i] & INDEX);
      int known = 0;
      while (known < firsts.size() && !equal(firsts.get(known), high[row], low[row])) {
        known++;
      }
      if (known == firsts.size()) {
        firsts.add(row);
        groups.add(new ArrayList<>());
      }
      groups.get(known).add(place[row]);
    }
    groups.stream().filter(places -> places.size() > 1).forEach(group);
  }

  private boolean equal(int row, long rowHigh, long rowLow) {
    return high[row] == rowHigh && low[row] == rowLow;
  }

  /** The places of all rows with that hash, in the order of adding; often none. */
  List<Long> placesOf(long rowHigh, long rowLow) {
    int at = Arrays.binarySearch(sorted, key(rowHigh));
    at = at < 0 ? -at - 1 : at;
    List<Long> places = List.of();
    for (; at < count && (sorted[at] & ~INDEX) == key(rowHigh); at++) {
      int row = (int) (sorted[at] & INDEX);
      if (equal(row, rowHigh, rowLow)) {
        if (places.isEmpty()) {
          places = new ArrayList<>(1);
        }
        places.add(place[row]);
      }
    }
    return places;
  }
}

package io.batchinfer.quota;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Rows that wait, by what they begin with: those that begin alike in order, and such groups in the
 * order in which they began to wait. Rows that are like no other are one group. Not thread-safe.
 */
final class GroupedRows implements Iterable<WaitingRow> {
  private final Map<Long, Deque<WaitingRow>> groups = new LinkedHashMap<>();
  private int size;

  /** Rows that are like no other. */
  private int unlike;

  private long arrivals;

  void add(WaitingRow row) {
    row.arrived(arrivals++);
    groups.computeIfAbsent(row.request().group(), unused -> new ArrayDeque<>()).addLast(row);
    size++;
    unlike += row.request().group() == 0 ? 1 : 0;
  }

  /** The first row of the group that waits for longest, or null when nothing waits. */
  @Nullable WaitingRow first() {
    return size == 0 ? null : groups.values().iterator().next().element();
  }

  /** Takes that row, which must be the first of its group. */
  WaitingRow take(WaitingRow row) {
    long group = row.request().group();
    Deque<WaitingRow> rows = groups.get(group);
    if (rows == null || rows.peekFirst() != row) {
      throw new IllegalArgumentException("a row that is not the first of its group");
    }
    rows.removeFirst();
    size--;
    unlike -= group == 0 ? 1 : 0;
    if (rows.isEmpty()) {
      groups.remove(group);
    }
    return row;
  }

  /** The groups that rows wait of, with these rows in order. Not to be changed. */
  Iterable<Deque<WaitingRow>> groups() {
    return groups.values();
  }

  /** Whether rows of a group wait. */
  boolean has(long group) {
    return groups.containsKey(group);
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Whether no row is like another. */
  boolean isPlain() {
    return size > 0 && unlike == size;
  }

  void clear() {
    groups.clear();
    size = 0;
    unlike = 0;
  }

  /** About in the order in which they go out. */
  @Override
  public Iterator<WaitingRow> iterator() {
    Iterator<Deque<WaitingRow>> next = groups.values().iterator();
    return new Iterator<>() {
      private Iterator<WaitingRow> rows = new ArrayDeque<WaitingRow>().iterator();

      @Override
      public boolean hasNext() {
        return rows.hasNext() || next.hasNext();
      }

      @Override
      public WaitingRow next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        rows = rows.hasNext() ? rows : next.next().iterator();
        return rows.next();
      }
    };
  }
}

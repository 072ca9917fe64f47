package io.batchinfer.table.stage;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * Of rows in the order of {@link RowPlace}, those that come after an equal one, with their number
 * among equals. The first of them has 0, and is left out. Not thread-safe.
 */
final class LaterEquals implements Iterator<Tuple2<byte[], Long>> {
  private final Iterator<Tuple2<byte[], Long>> sorted;
  private byte @Nullable [] last;
  private long ordinal;
  private @Nullable Tuple2<byte[], Long> next;

  LaterEquals(Iterator<Tuple2<byte[], Long>> sorted) {
    this.sorted = sorted;
    advance();
  }

  private void advance() {
    next = null;
    while (next == null && sorted.hasNext()) {
      byte[] place = sorted.next()._1();
      ordinal = last != null && RowPlace.isEqual(place, last) ? ordinal + 1 : 0;
      last = place;
      next = ordinal == 0 ? null : new Tuple2<>(RowPlace.inPart(place), ordinal);
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public Tuple2<byte[], Long> next() {
    Tuple2<byte[], Long> row = next;
    if (row == null) {
      throw new NoSuchElementException();
    }
    advance();
    return row;
  }
}

package io.batchinfer.engine.send;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Rows of a split that have no outcome yet, one after the other. For one thread. */
@FunctionalInterface
interface OpenRows {
  /** The next row, or null when there is none left. */
  @Nullable OpenRow next() throws IOException;

  /**
   * A row without an outcome.
   *
   * @param line in the split, counted from 0
   * @param group what is the same for rows that begin alike; 0 for a row that is like no other
   */
  record OpenRow(int line, RowFate fate, long group) {
    /** A row that is like no other. */
    OpenRow(int line, RowFate fate) {
      this(line, fate, 0);
    }

    /** The same row among others like it. */
    OpenRow inGroup(long other) {
      return new OpenRow(line, fate, other);
    }
  }
}

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
   */
  record OpenRow(int line, RowFate fate) {}
}

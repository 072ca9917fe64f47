package io.batchinfer.table.answers;

import java.util.Locale;

/** What the column {@code status} says of a row. */
enum RowStatus {
  SUCCEEDED,
  FAILED,
  /** The row has no outcome yet, or runs again. */
  OPEN;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

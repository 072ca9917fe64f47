package io.batchinfer.table.stage;

import java.io.Serializable;

/**
 * Rows in which a table differs from what was staged of it.
 *
 * @param added rows that were not there
 * @param gone rows that are there no more
 * @param changed rows of the same key that ask something else
 */
record TableDifference(long added, long gone, long changed) implements Serializable {
  static final TableDifference NONE = new TableDifference(0, 0, 0);

  /** So many more rows that are equal, or so many fewer where it is negative. */
  static TableDifference ofSurplus(long surplus) {
    return new TableDifference(Math.max(0, surplus), Math.max(0, -surplus), 0);
  }

  /** The same, where these rows have one key: one that came and one that went is one changed. */
  TableDifference ofOneKey() {
    long both = Math.min(added, gone);
    return new TableDifference(added - both, gone - both, changed + both);
  }

  TableDifference plus(TableDifference other) {
    return new TableDifference(added + other.added, gone + other.gone, changed + other.changed);
  }

  /** {@code 12 rows are new, 3 are gone and 1 asks something else}. */
  String words() {
    return "%,d %s new, %,d %s gone and %,d %s something else"
        .formatted(
            added,
            added == 1 ? "row is" : "rows are",
            gone,
            gone == 1 ? "is" : "are",
            changed,
            changed == 1 ? "asks" : "ask");
  }
}

package io.batchinfer.table.stage;

import io.batchinfer.model.Hash128;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/**
 * Rows in which a table differs from what was staged of it.
 *
 * @param added rows that were not there
 * @param gone rows that are there no more
 * @param changed rows of the same key that ask something else
 */
record TableDifference(long added, long gone, long changed) implements Serializable {
  static final TableDifference NONE = new TableDifference(0, 0, 0);

  /** The difference among rows of one key. */
  static TableDifference of(Iterable<Hash128> before, Iterable<Hash128> now) {
    Map<Hash128, Long> surplus = new HashMap<>();
    before.forEach(request -> surplus.merge(request, -1L, Long::sum));
    now.forEach(request -> surplus.merge(request, 1L, Long::sum));
    long added = 0;
    long gone = 0;
    for (long count : surplus.values()) {
      added += Math.max(0, count);
      gone += Math.max(0, -count);
    }
    long changed = Math.min(added, gone);
    return new TableDifference(added - changed, gone - changed, changed);
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

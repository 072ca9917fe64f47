package io.batchinfer.journal;

import io.batchinfer.model.Counts;
import io.batchinfer.model.MarkCounts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Adds entries up: of every try what it cost, of every row how it ended. What an outdated try cost
 * was spent nevertheless.
 */
final class EntryTally {
  private int rows;
  private long succeeded;
  private Spent spent = Spent.NOTHING;
  private MarkCounts marks = MarkCounts.NONE;
  private final SortedMap<String, Long> errors = new TreeMap<>();

  /** To be called for every entry of a row. */
  void addCost(JournalEntry entry) {
    spent = spent.plus(entry.spent());
  }

  /** To be called for the newest entry of a row. */
  void addOutcome(JournalEntry entry) {
    rows++;
    marks = marks.plus(entry.marks());
    if (entry.success()) {
      succeeded++;
    } else {
      errors.merge(entry.error(), 1L, Long::sum);
    }
  }

  int rows() {
    return rows;
  }

  Counts counts() {
    return new Counts(new RowCounts(succeeded, rows - succeeded), spent, marks, errors);
  }
}

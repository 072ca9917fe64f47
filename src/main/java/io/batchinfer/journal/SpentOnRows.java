package io.batchinfer.journal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Adds up what the tries of each row of a split took. Not thread-safe. */
final class SpentOnRows {
  private final @Nullable RowFacts[] rows;

  SpentOnRows(int lines) {
    this.rows = new @Nullable RowFacts[lines];
  }

  /** To be called for every try. */
  void add(JournalEntry entry) {
    RowFacts before = rows[entry.line()];
    RowFacts one = RowFacts.of(entry);
    rows[entry.line()] = before == null ? one : before.plus(one);
  }

  /**
   * All facts of the split.
   *
   * @param before those of its published pair; where they are of the same round already, a crash
   *     came before the split was committed, and they hold all that is added up here
   */
  RowFactsFile with(RowFactsFile before, int round) {
    boolean held = before.round() == round && round > 0;
    Map<Integer, RowFacts> all = new LinkedHashMap<>();
    for (int line = 0; line < rows.length; line++) {
      RowFacts old = before.rows().get(line);
      RowFacts added = rows[line];
      if (old != null && (added == null || held)) {
        all.put(line, old);
      } else if (added != null) {
        all.put(line, old == null ? added : old.plus(added));
      }
    }
    return new RowFactsFile(round, all);
  }
}

package io.batchinfer.journal;

import io.batchinfer.model.Counts;
import io.batchinfer.model.Usage;
import java.util.SortedMap;
import java.util.TreeMap;

/** Adds entries up. */
final class EntryTally {
  private int rows;
  private long succeeded;
  private long attempts;
  private long mayHaveRun;
  private long truncated;
  private long promptTokens;
  private long completionTokens;
  private final SortedMap<String, Long> errors = new TreeMap<>();

  void add(JournalEntry entry) {
    rows++;
    attempts += entry.attempts();
    mayHaveRun += entry.mayHaveRun();
    promptTokens += entry.promptTokens();
    completionTokens += entry.completionTokens();
    if (entry.truncated()) {
      truncated++;
    }
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
    return new Counts(
        succeeded,
        rows - succeeded,
        attempts,
        mayHaveRun,
        truncated,
        new Usage(promptTokens, completionTokens),
        errors);
  }
}

package io.batchinfer.journal;

import io.batchinfer.model.Usage;

/**
 * What was spent on a row, over all tries.
 *
 * @param attempts requests sent for it
 * @param mayHaveRun those without an answer that may have been executed
 * @param usage tokens that its answers reported, with their cost
 */
public record RowFacts(int attempts, int mayHaveRun, Usage usage) {
  static final RowFacts NOTHING = new RowFacts(0, 0, Usage.NONE);

  static RowFacts of(JournalEntry entry) {
    return new RowFacts(entry.attempts(), entry.mayHaveRun(), entry.spent().usage());
  }

  RowFacts plus(RowFacts other) {
    return new RowFacts(
        attempts + other.attempts, mayHaveRun + other.mayHaveRun, usage.plus(other.usage));
  }
}

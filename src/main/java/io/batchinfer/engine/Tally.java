package io.batchinfer.engine;

import io.batchinfer.journal.JournalEntry;
import io.batchinfer.quota.QuotaRequest.Progress;
import java.util.concurrent.atomic.LongAdder;

/** Running totals of one process, for showing while it works. Thread-safe. */
final class Tally {
  private final LongAdder settled = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder attempts = new LongAdder();
  private final LongAdder promptTokens = new LongAdder();
  private final LongAdder completionTokens = new LongAdder();

  void add(JournalEntry entry) {
    settled.increment();
    if (!entry.success()) {
      failed.increment();
    }
    attempts.add(entry.attempts());
    promptTokens.add(entry.promptTokens());
    completionTokens.add(entry.completionTokens());
  }

  Progress progress() {
    return new Progress(
        settled.sum(), failed.sum(), attempts.sum(), promptTokens.sum(), completionTokens.sum());
  }
}

package io.batchinfer.engine.send;

import io.batchinfer.journal.JournalEntry;
import io.batchinfer.model.Cost;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.model.Usage;
import io.batchinfer.quota.QuotaRequest.Progress;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Running totals of one process, for showing while it works. Thread-safe. */
final class Tally {
  private final LongAdder settled = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();
  private final LongAdder attempts = new LongAdder();
  private final LongAdder promptTokens = new LongAdder();
  private final LongAdder completionTokens = new LongAdder();
  private final LongAdder cost = new LongAdder();
  private final LongAdder unpriced = new LongAdder();

  void add(JournalEntry entry) {
    settled.increment();
    if (!entry.success()) {
      failed.increment();
      errors.computeIfAbsent(entry.error(), unused -> new LongAdder()).increment();
    }
    attempts.add(entry.attempts());
    Usage paid = entry.spent().usage();
    promptTokens.add(paid.promptTokens());
    completionTokens.add(paid.completionTokens());
    cost.add(paid.cost().billionths());
    unpriced.add(paid.cost().unpriced());
  }

  /**
   * The totals now.
   *
   * @param journalLag how long the oldest settled row has not been durable
   * @param processors how busy this process and its machine were
   */
  Progress progress(Duration journalLag, ProcessorTime processors) {
    SortedMap<String, Long> byCode = new TreeMap<>();
    errors.forEach((code, count) -> byCode.put(code, count.sum()));
    return new Progress(
        settled.sum(),
        failed.sum(),
        attempts.sum(),
        new Usage(promptTokens.sum(), completionTokens.sum())
            .at(new Cost(cost.sum(), unpriced.sum())),
        byCode,
        LatencyHistogram.NONE,
        journalLag.toMillis(),
        processors);
  }
}

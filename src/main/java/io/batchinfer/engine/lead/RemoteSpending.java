package io.batchinfer.engine.lead;

import io.batchinfer.config.JobLimitOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.model.Usage;
import io.batchinfer.remote.Load;
import io.batchinfer.remote.RemoteBook;
import io.batchinfer.remote.RemoteWork;
import java.util.List;
import java.util.Optional;

/**
 * Holds what is submitted to the caps of a job: what was spent, and what is estimated for batches
 * of which nothing was read. Not thread-safe.
 */
final class RemoteSpending {
  private static final double BILLION = 1e9;

  private final ResolvedOptions options;
  private final Pricing pricing;
  private final RemoteBook book;
  private final Usage before;

  /**
   * @param before what answers used that are settled
   */
  RemoteSpending(ResolvedOptions options, JobPrices prices, RemoteBook book, Usage before) {
    this.options = options;
    this.pricing = prices.pricing().ofBatches();
    this.book = book;
    this.before = before;
  }

  /** Whether a batch may be submitted beside those that are under way. */
  boolean allows(BatchOnItsWay batch, List<BatchOnItsWay> all) {
    Optional<Double> maxCost = options.find(JobLimitOptions.MAX_COST);
    if (maxCost.isPresent() && cost(batch, all) > maxCost.get()) {
      return false;
    }
    Optional<Long> maxTokens = options.find(JobLimitOptions.MAX_TOTAL_TOKENS);
    return maxTokens.isEmpty() || tokens(batch, all) <= maxTokens.get();
  }

  private double cost(BatchOnItsWay batch, List<BatchOnItsWay> all) {
    double read = book.all().stream().mapToLong(note -> note.result().billionths()).sum() / BILLION;
    double spent = Math.max(read, before.cost().amount());
    return spent
        + all.stream()
            .filter(BatchOnItsWay::isUnderWay)
            .mapToDouble(other -> cost(other.work()))
            .sum()
        + cost(batch.work());
  }

  private double cost(RemoteWork work) {
    Load load = work.load();
    return pricing
        .priced(work.model(), load.promptTokens(), load.tokens() - load.promptTokens())
        .amount();
  }

  private long tokens(BatchOnItsWay batch, List<BatchOnItsWay> all) {
    // What was read and is not settled counts by its estimate.
    long read =
        all.stream()
            .filter(other -> other.note().done() || other.isUnderWay())
            .mapToLong(other -> other.work().load().tokens())
            .sum();
    return before.total() + read + batch.work().load().tokens();
  }
}

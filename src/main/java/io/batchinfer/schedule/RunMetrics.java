package io.batchinfer.schedule;

import io.batchinfer.metrics.Metric;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.Counts;
import org.jspecify.annotations.Nullable;

/**
 * Adds what a run settles to the service's metrics. A run reports running totals that include
 * earlier runs; what is counted is by how much they grow. For the thread of the run.
 */
final class RunMetrics {
  private final ServiceMetrics metrics;
  private final String workspace;
  private @Nullable Counts counted;
  private double countedCost;

  RunMetrics(ServiceMetrics metrics, String workspace) {
    this.metrics = metrics;
    this.workspace = workspace;
  }

  /** Begins from nothing. Otherwise the first totals are taken for those of earlier runs. */
  void beginFromNothing() {
    counted = Counts.ZERO;
  }

  /**
   * Counts what came since the last totals.
   *
   * @param cost what the answers cost, or null where a price is unknown
   */
  void count(Counts totals, @Nullable Double cost) {
    Counts before = counted == null ? totals : counted;
    double costBefore = counted == null && cost != null ? cost : countedCost;
    add(Metric.REQUESTS, totals.succeeded() - before.succeeded(), "succeeded");
    add(Metric.REQUESTS, totals.failed() - before.failed(), "failed");
    add(Metric.TOKENS, totals.usage().promptTokens() - before.usage().promptTokens(), "prompt");
    add(
        Metric.TOKENS,
        totals.usage().completionTokens() - before.usage().completionTokens(),
        "completion");
    if (cost != null) {
      metrics.add(Metric.COST, cost - costBefore, workspace);
      countedCost = Math.max(cost, costBefore);
    }
    counted = totals;
  }

  private void add(Metric metric, long amount, String label) {
    metrics.add(metric, (double) amount, workspace, label);
  }
}

package io.batchinfer.engine.lead;

import io.batchinfer.config.JobLimitOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.lead.EndReasons.End;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Usage;
import io.batchinfer.quota.Budget;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a job may use in tokens and in money, over all its runs. */
final class UsageCaps {
  private final ResolvedOptions options;
  private final RunConstraints constraints;
  private final JobRecorder recorder;

  UsageCaps(RunContext run, JobRecorder recorder) {
    this.options = run.request().options();
    this.constraints = run.constraints();
    this.recorder = recorder;
  }

  /** What the caps leave after what earlier runs of the job spent. */
  List<Budget> budgets() {
    List<Budget> budgets = new ArrayList<>();
    Usage spent = earlier();
    options
        .find(JobLimitOptions.MAX_TOTAL_TOKENS)
        .ifPresent(cap -> budgets.add(new Budget(cap - spent.total(), Budget.Unit.TOKENS)));
    options
        .find(JobLimitOptions.MAX_COST)
        .ifPresent(cap -> budgets.add(new Budget(cap - spent.cost().amount(), Budget.Unit.MONEY)));
    constraints.spending().ifPresent(share -> budgets.add(new Budget(share)));
    return budgets;
  }

  /**
   * The cap that is reached, or null.
   *
   * @param ofThisRun what this run has used, that of splits it committed included
   */
  @Nullable End reached(Usage ofThisRun) {
    Usage usage = ofThisRun.plus(earlier());
    Optional<Long> maxTokens = options.find(JobLimitOptions.MAX_TOTAL_TOKENS);
    if (maxTokens.isPresent() && usage.total() >= maxTokens.get()) {
      return outOfBudget(
          "%d tokens are used, with what was under way when the cap --max-total-tokens of %d was reached"
              .formatted(usage.total(), maxTokens.get()));
    }
    Optional<Double> maxCost = options.find(JobLimitOptions.MAX_COST);
    double cost = usage.cost().amount();
    if (maxCost.isPresent() && cost >= maxCost.get()) {
      return outOfBudget(
          "%.4f is spent, with what was under way when the cap --max-cost of %.4f was reached"
              .formatted(cost, maxCost.get()));
    }
    if (constraints.spending().isPresent() && constraints.spending().get().isReached()) {
      End end =
          outOfBudget(
              "the workspace has spent its cap of %.4f"
                  .formatted(constraints.spending().get().cap()));
      return constraints.closing().contains(ErrorCode.OUT_OF_BUDGET) ? end.closing() : end;
    }
    return null;
  }

  /** What is left is less than what the next batch may use. */
  End tooLittleLeft() {
    return outOfBudget(
        "the next batch may use more than %s leaves"
            .formatted(
                options.find(JobLimitOptions.MAX_COST).isPresent()
                    ? "--max-cost"
                    : "--max-total-tokens"));
  }

  private Usage earlier() {
    return recorder.counts().usage();
  }

  private static End outOfBudget(String how) {
    return new End(
        JobStatus.OUT_OF_BUDGET,
        "Out of budget: "
            + how
            + ". What was answered is saved; raise the cap and give the same command again.",
        JobStatus.OUT_OF_BUDGET.exitCode());
  }
}

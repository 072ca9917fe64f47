package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.lead.EndReasons.End;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.quota.Budget;
import io.batchinfer.quota.SpendingCap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Caps on what a job uses, over all its runs. */
class UsageCapsTest {
  private static final Map<String, String> CAPPED =
      Map.of("max-total-tokens", "1000", "max-cost", "2.5");

  private static UsageCaps caps(LedRun run) {
    return new UsageCaps(run.context, run.recorder);
  }

  /** Earlier runs of the job have used that. */
  private static LedRun after(Usage used) {
    LedRun run = new LedRun(CAPPED);
    run.recorder.counted(
        new Counts(new RowCounts(1, 0), new Spent(1, 0, used), new TreeMap<>()), 0);
    return run;
  }

  private static LedRun sharing(SpendingCap cap, ErrorCode... closing) {
    return new LedRun(Map.of(), Set.of(closing), Optional.of(cap.join()), Optional.empty());
  }

  private static Usage costing(double amount) {
    return Usage.NONE.at(Cost.of(Math.round(amount * 1e9)));
  }

  private static String reached(LedRun run, Usage used) {
    End end = Objects.requireNonNull(caps(run).reached(used));
    assertThat(end.status()).isEqualTo(JobStatus.OUT_OF_BUDGET);
    assertThat(end.exitCode()).isEqualTo(JobStatus.OUT_OF_BUDGET.exitCode());
    assertThat(end.closesRows()).isFalse();
    return end.message();
  }

  @Test
  void withoutACapThereIsNoBudget() {
    LedRun run = new LedRun(Map.of());

    assertThat(caps(run).budgets()).isEmpty();
    assertThat(caps(run).reached(new Usage(Long.MAX_VALUE, 0))).isNull();
  }

  @Test
  void budgetsAreWhatEarlierRunsLeft() {
    LedRun run = after(new Usage(100, 200).at(Cost.of(500_000_000)));

    assertThat(caps(run).budgets())
        .extracting(Budget::unit)
        .containsExactly(Budget.Unit.TOKENS, Budget.Unit.MONEY);
    assertThat(caps(run).budgets())
        .extracting(budget -> budget.fund().reserve(0, 0))
        .containsExactly(700.0, 2.0);
  }

  @Test
  void aCapInTokensIsReachedByWhatAllRunsUsed() {
    LedRun run = after(new Usage(100, 200));

    assertThat(caps(run).reached(new Usage(600, 99))).isNull();
    assertThat(reached(run, new Usage(600, 100)))
        .contains("1000 tokens are used", "--max-total-tokens of 1000", "raise the cap");
  }

  @Test
  void aCapInMoneyIsReachedByWhatAllRunsSpent() {
    LedRun run = after(costing(1));

    assertThat(caps(run).reached(costing(1.49))).isNull();
    assertThat(reached(run, costing(1.5))).contains("2.5000 is spent", "--max-cost of 2.5000");
  }

  @Test
  void aCapSharedWithOthersEndsTheRun() {
    SpendingCap cap = new SpendingCap(() -> 3, 1);
    LedRun run = sharing(cap);
    assertThat(caps(run).budgets()).extracting(Budget::unit).containsExactly(Budget.Unit.MONEY);
    assertThat(caps(run).reached(costing(1))).isNull();

    caps(run).budgets().get(0).fund().holds(2, 2);

    assertThat(reached(run, costing(2))).contains("the workspace has spent its cap of 3.0000");
  }

  @Test
  void openRowsAreClosedWhereNobodyWillRaiseTheSharedCap() {
    LedRun run = sharing(new SpendingCap(() -> 3, 3), ErrorCode.OUT_OF_BUDGET);

    assertThat(Objects.requireNonNull(caps(run).reached(Usage.NONE)).closesRows()).isTrue();
  }
}

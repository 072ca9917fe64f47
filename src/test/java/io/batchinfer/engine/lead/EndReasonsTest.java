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
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.Budget;
import io.batchinfer.quota.EndpointQuota;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaGroup;
import io.batchinfer.quota.QuotaLimits;
import io.batchinfer.quota.SpendingCap;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends a run, with what it says, and what becomes of the open rows. */
class EndReasonsTest {
  private static final Duration LOOK = Duration.ofSeconds(1);

  private LedRun run = new LedRun(Map.of());
  private QuotaAuthority quota = quota();

  private QuotaAuthority quota() {
    return new QuotaAuthority(
        new EndpointQuota(new QuotaLimits(4, 0, 0, Duration.ofMinutes(15)), run.time, run.time),
        QuotaGroup.of(1),
        List.of(),
        Duration.ofSeconds(10),
        Duration.ofMinutes(10),
        () -> true);
  }

  private EndReasons reasons(LedRun of) {
    run = of;
    quota = quota();
    return reasons();
  }

  private EndReasons reasons() {
    return new EndReasons(run.context, run.stored.plan, run.ledger, run.recorder, quota);
  }

  private static End present(@Nullable End end) {
    assertThat(end).isNotNull();
    return Objects.requireNonNull(end);
  }

  private static LedRun with(String option, String value) {
    return new LedRun(Map.of(option, value));
  }

  private void settle(long settled, long failed, Usage usage) {
    quota.ask(
        LedRun.report(
            "x",
            StatusMeaning.ANSWERED,
            settled - failed,
            "",
            LedRun.settled(settled, failed, usage)));
  }

  private void complete() {
    run.ledger.sawSession("x");
    for (int split = 0; split < LedRun.SPLITS; split++) {
      assertThat(run.ledger.claim("x", "w").toCompletableFuture()).isDone();
      assertThat(run.ledger.committed(split, "x", LedRun.part())).isTrue();
    }
  }

  @Test
  void aRunGoesOnAsLongAsThereIsNoReason() {
    EndReasons reasons = reasons(with("timeout-hours", "1"));
    settle(200, 10, new Usage(1, 1));

    assertThat(reasons.reasonToEnd()).isNull();
    assertThat(reasons.overBudget()).isNull();
  }

  @Test
  void aCompleteJobIsEndedByNothing() {
    complete();
    run.interrupt.interrupt(130);
    run.interrupt.broke(new IllegalStateException("broken"));
    run.cancelled.set(true);
    quota.stop(ErrorCode.HOST_UNREACHABLE, "no route");
    run.takeOver();

    assertThat(reasons().reasonToEnd()).isNull();
  }

  @Test
  void anInterruptLeavesTheRowsToALaterRunWithTheCodeOfItsSignal() {
    EndReasons reasons = reasons();
    run.interrupt.interrupt(143);
    run.interrupt.interrupt(130);

    End end = present(reasons.reasonToEnd());

    assertThat(end).isEqualTo(reasons.interrupted());
    assertThat(end.status()).isEqualTo(JobStatus.INTERRUPTED);
    assertThat(end.exitCode()).isEqualTo(143);
    assertThat(end.closesRows()).isFalse();
  }

  @Test
  void aDriverThatBreaksSaysWhyAndLosesNothing() {
    run.interrupt.broke(new IllegalStateException("no thread"));

    End end = present(reasons().reasonToEnd());

    assertThat(end.status()).isEqualTo(JobStatus.INTERRUPTED);
    assertThat(end.message()).contains("no thread", "is saved");
    assertThat(end.exitCode()).isEqualTo(ErrorCode.INTERNAL.exitCode());
    assertThat(end.closesRows()).isFalse();
  }

  @Test
  void aRunThatWasTakenOverEndsAndTouchesNothing() {
    EndReasons reasons = reasons();
    assertThat(reasons.reasonToEnd()).isNull();
    run.takeOver();

    End end = present(reasons.reasonToEnd());

    assertThat(end.exitCode()).isEqualTo(7);
    assertThat(end.closesRows()).isFalse();
  }

  @Test
  void aCancelClosesTheOpenRowsWhicheverWayItComes() {
    run.cancelled.set(true);
    End told = present(reasons().reasonToEnd());
    EndReasons reasons = reasons(new LedRun(Map.of()));
    run.stored.folder.requestCancel();
    End asked = present(reasons.reasonToEnd());

    assertThat(asked).isEqualTo(told);
    assertThat(told.status()).isEqualTo(JobStatus.CANCELLED);
    assertThat(told.openRows()).contains(ErrorCode.BATCH_CANCELLED);
    assertThat(told.exitCode()).isEqualTo(JobStatus.CANCELLED.exitCode());
  }

  @Test
  void theFolderIsAskedForACancelOnceASecond() {
    EndReasons reasons = reasons();
    int[] looks = {0};
    run.files.before(
        operation -> {
          if (operation.contains("cancel")) {
            looks[0]++;
          }
        });
    int most = 0;
    for (int tenth = 0; tenth < 30; tenth++) {
      reasons.reasonToEnd();
      most = most == 0 ? looks[0] : most;
      run.time.advance(Duration.ofMillis(100));
    }

    assertThat(most).as("operations of one look").isPositive();
    assertThat(looks[0]).isEqualTo(3 * most);
  }

  @Test
  void aStorageThatIsAwayForAMomentEndsNoRun() {
    EndReasons reasons = reasons();
    run.stored.folder.requestCancel();
    run.files.before(
        operation -> {
          throw new StorageException("away", new IOException("away"));
        });
    assertThat(reasons.reasonToEnd()).isNull();
    run.files.before(operation -> {});
    run.time.advance(LOOK.minusMillis(1));
    assertThat(reasons.reasonToEnd()).isNull();
    run.time.advance(Duration.ofMillis(1));
    assertThat(present(reasons.reasonToEnd()).status()).isEqualTo(JobStatus.CANCELLED);
  }

  @Test
  void theHoursOfAJobRunOutToTheMoment() {
    LedRun hour = with("timeout-hours", "1");
    EndReasons reasons = reasons(hour);
    // The book counts by the machine's own clock.
    Duration ahead = Duration.between(hour.context.clock().instant(), hour.recorder.timeFrom());
    hour.time.advance(ahead.plus(Duration.ofHours(1)));
    assertThat(reasons.reasonToEnd()).isNull();
    hour.time.advance(Duration.ofMillis(2));

    End end = present(reasons.reasonToEnd());

    assertThat(end.status()).isEqualTo(JobStatus.EXPIRED);
    assertThat(end.openRows()).contains(ErrorCode.BATCH_EXPIRED);
    assertThat(end.exitCode()).isEqualTo(JobStatus.EXPIRED.exitCode());
    assertThat(end.message()).contains("1.0 hours", "--timeout-hours");
  }

  @Test
  void aDeadlineHoldsBesideTheHours() {
    Instant deadline = Instant.parse("2026-01-01T00:10:00Z");
    EndReasons reasons =
        reasons(
            new LedRun(
                Map.of("timeout-hours", "20000"),
                Set.of(),
                Optional.empty(),
                Optional.of(deadline)));
    run.time.advance(Duration.ofMinutes(10));
    assertThat(reasons.reasonToEnd()).isNull();
    run.time.advance(Duration.ofMillis(1));

    assertThat(present(reasons.reasonToEnd()).status()).isEqualTo(JobStatus.EXPIRED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anEndpointsRefusalClosesTheRowsOnlyWhereNobodyWillMendIt(boolean closes) {
    EndReasons reasons =
        reasons(
            new LedRun(
                Map.of(),
                closes ? Set.of(ErrorCode.INSUFFICIENT_QUOTA) : Set.of(ErrorCode.OUT_OF_BUDGET),
                Optional.empty(),
                Optional.empty()));
    quota.stop(ErrorCode.INSUFFICIENT_QUOTA, "no credit");

    End end = present(reasons.reasonToEnd());

    assertThat(end.status()).isEqualTo(JobStatus.STOPPED);
    assertThat(end.message()).contains("no credit");
    assertThat(end.exitCode()).isEqualTo(ErrorCode.INSUFFICIENT_QUOTA.exitCode());
    assertThat(end.openRows())
        .isEqualTo(closes ? Optional.of(ErrorCode.BATCH_FAILED) : Optional.empty());
  }

  private static Counts earlier(long succeeded, long failed, Usage usage) {
    return new Counts(
        new RowCounts(succeeded, failed), new Spent(succeeded + failed, 0, usage), new TreeMap<>());
  }

  @ParameterizedTest
  @CsvSource({"99, 0, false", "100, 0, true", "101, 1, false"})
  void aHundredFailuresWithoutASuccessEndTheRun(long failed, long succeeded, boolean ends) {
    EndReasons reasons = reasons();
    settle(failed + succeeded, failed, Usage.NONE);

    @Nullable End end = reasons.reasonToEnd();

    assertThat(end != null).isEqualTo(ends);
    if (end != null) {
      assertThat(end.status()).isEqualTo(JobStatus.STOPPED);
      assertThat(end.exitCode()).isEqualTo(JobStatus.FAILED.exitCode());
      assertThat(end.closesRows()).isFalse();
      assertThat(end.message()).contains("100 of 100", "none has succeeded", "--retry-failed");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 600, false",
    "0.5, 601, true",
    "0.1, 499, false",
    "0.1, 500, true",
    "1, 1100, false"
  })
  void moreFailuresThanTheRateAllowsEndTheRun(String rate, long failed, boolean ends) {
    EndReasons reasons = reasons(with("max-failure-rate", rate));
    settle(failed + 50, failed, Usage.NONE);

    @Nullable End end = reasons.reasonToEnd();

    assertThat(end != null).isEqualTo(ends);
    if (end != null) {
      assertThat(end.message())
          .contains(
              "%,d of %,d".formatted(failed, failed + 50), "--max-failure-rate " + rate, "1,200");
    }
  }

  @Test
  void failuresOfEarlierRunsCountUntilAUserHasThemRunAgain() {
    EndReasons reasons = reasons(with("max-failure-rate", "0.5"));
    run.recorder.counted(earlier(10, 400, Usage.NONE), 0);
    settle(201, 200, Usage.NONE);
    assertThat(reasons.reasonToEnd()).isNull();
    settle(202, 201, Usage.NONE);
    assertThat(present(reasons.reasonToEnd()).message()).contains("601 of 612");

    reasons = reasons(new LedRun(Map.of("max-failure-rate", "0.5", "retry-failed", "true")));
    run.recorder.counted(earlier(10, 400, Usage.NONE), 0);
    settle(202, 201, Usage.NONE);
    assertThat(reasons.reasonToEnd()).isNull();
  }

  @Test
  void tokensOfAllRunsTogetherReachTheCap() {
    EndReasons reasons = reasons(with("max-total-tokens", "1000"));
    run.recorder.counted(earlier(1, 0, new Usage(300, 100)), 0);
    settle(1, 0, new Usage(500, 99));
    assertThat(reasons.reasonToEnd()).isNull();
    settle(1, 0, new Usage(500, 100));

    End end = present(reasons.reasonToEnd());

    assertThat(end).isEqualTo(reasons.overBudget());
    assertThat(end.status()).isEqualTo(JobStatus.OUT_OF_BUDGET);
    assertThat(end.exitCode()).isEqualTo(JobStatus.OUT_OF_BUDGET.exitCode());
    assertThat(end.message()).contains("1000 tokens", "--max-total-tokens of 1000");
    assertThat(end.closesRows()).isFalse();
  }

  @Test
  void moneyOfAllRunsTogetherReachesTheCap() {
    EndReasons reasons = reasons(with("max-cost", "2"));
    run.recorder.counted(earlier(1, 0, new Usage(1, 1).at(Cost.of(1_000_000_000))), 0);
    settle(1, 0, new Usage(1, 1).at(Cost.of(999_900_000)));
    assertThat(reasons.reasonToEnd()).isNull();
    settle(1, 0, new Usage(1, 1).at(Cost.of(1_000_000_000)));

    assertThat(present(reasons.reasonToEnd()).message())
        .contains("2.0000 is spent", "--max-cost of 2.0000");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aWorkspacesCapClosesTheRowsOnlyWhereNobodyWillRaiseIt(boolean closes) {
    SpendingCap cap = new SpendingCap(() -> 5, 4);
    EndReasons reasons =
        reasons(
            new LedRun(
                Map.of(),
                closes ? Set.of(ErrorCode.OUT_OF_BUDGET) : Set.of(),
                Optional.of(cap.join()),
                Optional.empty()));
    assertThat(reasons.reasonToEnd()).isNull();
    reasons =
        reasons(
            new LedRun(
                Map.of(),
                closes ? Set.of(ErrorCode.OUT_OF_BUDGET) : Set.of(),
                Optional.of(new SpendingCap(() -> 5, 5).join()),
                Optional.empty()));

    End end = present(reasons.reasonToEnd());

    assertThat(end.message()).contains("the workspace has spent its cap of 5.0000");
    assertThat(end.openRows())
        .isEqualTo(closes ? Optional.of(ErrorCode.BATCH_FAILED) : Optional.empty());
  }

  @Test
  void whatMayBeSpentIsWhatEarlierRunsLeft() {
    LedRun capped =
        new LedRun(
            Map.of("max-total-tokens", "1000", "max-cost", "3"),
            Set.of(),
            Optional.of(new SpendingCap(() -> 5, 4).join()),
            Optional.empty());
    capped.recorder.counted(earlier(1, 0, new Usage(300, 100).at(Cost.of(1_000_000_000))), 0);

    List<Budget> budgets = new UsageCaps(capped.context, capped.recorder).budgets();

    assertThat(budgets)
        .extracting(Budget::unit)
        .containsExactly(Budget.Unit.TOKENS, Budget.Unit.MONEY, Budget.Unit.MONEY);
    assertThat(budgets.stream().map(budget -> budget.fund().reserve(0, 0)))
        .containsExactly(600.0, 2.0, 1.0);
    assertThat(new UsageCaps(run.context, run.recorder).budgets()).isEmpty();
  }
}

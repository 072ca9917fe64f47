package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.ClaimAnswer.Nothing;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.engine.send.DriverClient;
import io.batchinfer.model.Counts;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.EndpointQuota;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaGroup;
import io.batchinfer.quota.QuotaLimits;
import io.batchinfer.quota.QuotaRequest;
import io.batchinfer.quota.QuotaRequest.Held;
import io.batchinfer.quota.QuotaRequest.Observed;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.quota.QuotaRequest.Totals;
import io.batchinfer.quota.QuotaRequest.Wanted;
import io.batchinfer.quota.ReplicaReport;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class RunAuthorityTest {
  private static final PartCounts PART =
      new PartCounts(
          new Counts(new RowCounts(1, 0), new Spent(1, 0, Usage.NONE), new TreeMap<>()), 0, 10, 0);

  private final VirtualTime time = new VirtualTime();
  private final StoredJob job = new StoredJob(InMemoryFiles.filesystem(), 2, 1);
  private boolean owned = true;
  private final SplitLedger ledger =
      new SplitLedger(
          job.plan, job.folder, time.elapsed(), Duration.ofSeconds(12), time, Runnable::run);
  private final RunAuthority authority =
      new RunAuthority(
          "token",
          new RunSecrets(new TreeMap<>(), new TreeMap<>()),
          ledger,
          new QuotaAuthority(
              new EndpointQuota(new QuotaLimits(1, 0, 0, Duration.ofMinutes(15)), time, time),
              QuotaGroup.of(1),
              List.of(),
              Duration.ofSeconds(10),
              Duration.ofSeconds(70),
              () -> owned),
          () -> owned);

  private DriverClient client(String token, String session) {
    return new DriverClient(authority::answer, token, session);
  }

  private static ClaimAnswer now(CompletionStage<ClaimAnswer> answer) {
    assertThat(answer.toCompletableFuture()).isDone();
    return answer.toCompletableFuture().join();
  }

  @Test
  void aMessageOfAnotherRunIsRefused() {
    assertThatThrownBy(() -> client("other", "x").mayCommit(0)).hasMessageContaining("another run");
    assertThatThrownBy(() -> client("other", "x").claim("w").toCompletableFuture().join())
        .hasMessageContaining("another run");
  }

  @Test
  void aWorkerOfAnotherBuildIsRefusedAndTheRunKnowsWhy() {
    byte[] older = new byte[64];

    assertThat(authority.refusedBuild()).isEmpty();
    assertThat(authority.answer(older).toCompletableFuture())
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withMessageContaining("older batchinfer");
    assertThat(authority.refusedBuild().orElseThrow())
        .hasMessageContaining("spark.executor.extraClassPath");
    assertThat(now(client("token", "x").claim("w")).granted()).isPresent();
  }

  @Test
  void aClaimThatWaitsKeepsNoOtherMessageWaiting() {
    DriverClient one = client("token", "x");
    DriverClient other = client("token", "y");
    assertThat(now(one.claim("w")).granted().orElseThrow().split()).isZero();
    assertThat(now(one.claim("w")).granted().orElseThrow().split()).isEqualTo(1);

    CompletableFuture<ClaimAnswer> waiting = other.claim("v").toCompletableFuture();

    assertThat(waiting).isNotDone();
    assertThat(one.mayCommit(0)).isTrue();
    assertThat(one.committed(0, PART)).isTrue();
    one.release("w");
    assertThat(now(waiting).granted().orElseThrow().split()).isEqualTo(1);
  }

  @Test
  void entriesAreNeededUntilTheSplitIsCommittedByItsHolderForAnOwner() {
    DriverClient holder = client("token", "x");
    DriverClient zombie = client("token", "y");
    now(holder.claim("w"));
    now(holder.claim("w"));

    assertThat(zombie.mayCommit(0)).isFalse();
    assertThat(zombie.committed(0, PART)).isFalse();
    assertThat(holder.committed(0, PART)).isTrue();
    owned = false;
    assertThat(holder.mayCommit(1)).isFalse();
    assertThat(holder.committed(1, PART)).isFalse();
    assertThat(ledger.isCommitted(1)).isTrue();
  }

  private boolean isEngineWanted(String session) {
    EngineFigures starting =
        new EngineFigures(
            "engine of executor 1",
            EngineFigures.State.STARTING,
            "",
            List.of(),
            Instant.EPOCH,
            Duration.ZERO,
            Duration.ZERO,
            0,
            0,
            0);
    byte[] message =
        new WorkerMessage("token", session, new WorkerRequest.Engine("1", starting)).encode();
    return authority.answer(message).toCompletableFuture().join()[0] == 1;
  }

  @Test
  void anEngineIsWantedUntilAllRowsAreAnswered() {
    DriverClient holder = client("token", "x");
    now(holder.claim("w"));
    now(holder.claim("w"));

    assertThat(isEngineWanted("e")).isTrue();
    assertThat(holder.committed(0, PART)).isTrue();
    assertThat(isEngineWanted("e")).isTrue();
    assertThat(holder.committed(1, PART)).isTrue();

    assertThat(isEngineWanted("e")).isFalse();
  }

  @Test
  void anEngineThatTookLongToEndIsStillWanted() {
    DriverClient holder = client("token", "x");
    now(holder.claim("w"));
    assertThat(isEngineWanted("e")).isTrue();

    for (int second = 0; second < 60; second++) {
      time.advance(Duration.ofSeconds(1));
      holder.quota(report("x", StatusMeaning.ANSWERED, second));
    }

    assertThat(isEngineWanted("e")).isTrue();
  }

  private static QuotaRequest report(String session, StatusMeaning meaning, long count) {
    long[] meanings = new long[StatusMeaning.values().length];
    meanings[meaning.ordinal()] = count;
    return new QuotaRequest(
        session,
        0,
        new Held(1, new double[0], 0),
        Wanted.NOTHING,
        List.of(ReplicaReport.of("http://localhost").withInFlight(1)),
        new Observed(0, StatedLimits.NONE, 0, "no route", ""),
        new Totals(meanings, 0, Usage.NONE, Progress.ZERO));
  }

  @Test
  void whoAloneCannotReachTheEndpointKeepsNoSplitFromTheOthers() {
    DriverClient cutOff = client("token", "x");
    DriverClient other = client("token", "y");
    for (int second = 0; second < 70; second++) {
      cutOff.quota(report("x", StatusMeaning.UNREACHABLE, second));
      other.quota(report("y", StatusMeaning.ANSWERED, second));
      time.advance(Duration.ofSeconds(1));
    }

    assertThat(now(cutOff.claim("w"))).isEqualTo(Nothing.FINISHED);
    assertThat(now(other.claim("w")).granted().orElseThrow().split()).isZero();
    ledger.closeRowsWith(ErrorCode.BATCH_CANCELLED);
    assertThat(now(cutOff.claim("w")).granted().orElseThrow().closing())
        .contains(ErrorCode.BATCH_CANCELLED);
  }

  @Test
  void whatAProcessHadIsGivenOutAgainOnceItHasEnded() {
    DriverClient lost = client("token", "x");
    lost.secrets("1");
    assertThat(now(lost.claim("w")).granted().orElseThrow().split()).isZero();
    lost.quota(report("x", StatusMeaning.ANSWERED, 5));
    assertThat(authority.readings().keySet()).containsExactly("1");
    assertThat(authority.readings().values())
        .extracting(reading -> reading.attempts(StatusMeaning.ANSWERED))
        .containsExactly(5L);
    DriverClient other = client("token", "y");
    assertThat(now(other.claim("v")).granted().orElseThrow().split()).isEqualTo(1);
    CompletableFuture<ClaimAnswer> waiting = other.claim("v").toCompletableFuture();

    authority.processEnded("2");
    assertThat(waiting).as("another process").isNotDone();
    authority.processEnded("1");

    assertThat(now(waiting).granted().orElseThrow().split()).isZero();
  }
}

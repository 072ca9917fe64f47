package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.model.Counts;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.EngineFigures.State;
import io.batchinfer.model.PartCounts;
import io.batchinfer.quota.QuotaReply;
import io.batchinfer.quota.QuotaRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What a worker asks its driver, and what it makes of the answers. */
class DriverClientTest {
  private static final byte[] YES = {1};
  private static final byte[] NO = {0};
  private static final PartCounts PART = new PartCounts(Counts.ZERO, 2, 70, 8);
  private static final EngineFigures ENGINE =
      new EngineFigures(
          "engine",
          State.READY,
          "",
          List.of(),
          Instant.EPOCH,
          Duration.ZERO,
          Duration.ZERO,
          0,
          0,
          0);

  private final List<WorkerMessage> asked = new ArrayList<>();
  private final Deque<CompletableFuture<byte[]>> answers = new ArrayDeque<>();
  private final DriverClient driver = new DriverClient(this::ask, "token", "session");

  private CompletionStage<byte[]> ask(byte[] message) {
    asked.add(WorkerMessage.decode(message));
    return answers.isEmpty() ? new CompletableFuture<>() : answers.remove();
  }

  private void willAnswer(byte[]... bytes) {
    for (byte[] answer : bytes) {
      answers.add(CompletableFuture.completedFuture(answer));
    }
  }

  private void isGone() {
    answers.add(CompletableFuture.failedFuture(new IllegalStateException("the driver is gone")));
  }

  private List<WorkerRequest> requests() {
    return asked.stream().map(WorkerMessage::request).toList();
  }

  @Test
  void everyMessageSaysOfWhichRunAndProcessItIs() {
    willAnswer(NO);

    driver.trying(3, 17);

    assertThat(asked)
        .containsExactly(new WorkerMessage("token", "session", new WorkerRequest.Trying(3, 17)));
  }

  @Test
  void secretsComeInAnswerToTheProcessName() {
    RunSecrets secrets =
        new RunSecrets(new TreeMap<>(Map.of("Authorization", "Bearer k")), new TreeMap<>());
    willAnswer(secrets.encode());

    assertThat(driver.secrets("executor 4")).isEqualTo(secrets);
    assertThat(requests()).containsExactly(new WorkerRequest.Hello("executor 4"));
  }

  @Test
  void aSplitIsClaimedOrThereIsNone() {
    SplitClaim claim =
        new SplitClaim(5, Optional.empty(), List.of(), Optional.empty(), true, List.of(1));
    willAnswer(claim.encode(), ClaimAnswer.Nothing.FINISHED.encode());

    assertThat(driver.claim("w1").toCompletableFuture()).isCompletedWithValue(claim);
    assertThat(driver.claim("w1").toCompletableFuture())
        .isCompletedWithValue(ClaimAnswer.Nothing.FINISHED);
    assertThat(driver.claim("w1").toCompletableFuture()).isNotDone();
    assertThat(requests()).containsOnly(new WorkerRequest.Claim("w1"));
  }

  @Test
  void aSplitIsPublishedOnlyIfTheDriverSaysSo() {
    willAnswer(YES, NO);

    assertThat(driver.mayCommit(7)).isTrue();
    assertThat(driver.mayCommit(7)).isFalse();
    assertThat(requests()).containsOnly(new WorkerRequest.Commit(7));
  }

  @Test
  void entriesOfAPublishedSplitAreNeedlessOnlyIfTheDriverSaysSo() {
    willAnswer(YES, NO);

    assertThat(driver.committed(7, PART)).isTrue();
    assertThat(driver.committed(7, PART)).isFalse();
    assertThat(requests()).containsOnly(new WorkerRequest.Committed(7, PART));
  }

  @Test
  void whatIsReportedIsHeardBeforeTheWorkerGoesOn() {
    isGone();
    isGone();

    assertThatThrownBy(() -> driver.trying(3, 17)).isInstanceOf(CompletionException.class);
    assertThatThrownBy(() -> driver.release("w1")).isInstanceOf(CompletionException.class);
    willAnswer(NO);
    driver.release("w1");
    assertThat(requests()).endsWith(new WorkerRequest.Release("w1"));
  }

  @Test
  void whatIsOnlyToldIsNotWaitedFor() {
    CompletionStage<byte[]> givenBack = driver.giveBack("w2");
    driver.notice("look");
    driver.leave();

    assertThat(requests())
        .containsExactly(
            new WorkerRequest.Release("w2"),
            new WorkerRequest.Notice("look"),
            new WorkerRequest.Leave());
    assertThat(givenBack.toCompletableFuture()).isNotDone();
  }

  @Test
  void anEngineGoesOnUnlessTheDriverSaysThatNothingIsLeftToSend() {
    willAnswer(YES, NO);
    isGone();

    assertThat(driver.engine("p", ENGINE)).isTrue();
    assertThat(driver.engine("p", ENGINE)).isFalse();
    // Nobody says that it is not wanted.
    assertThat(driver.engine("p", ENGINE)).isTrue();
    assertThat(requests()).containsOnly(new WorkerRequest.Engine("p", ENGINE));
  }

  @Test
  void whatTheDriverGrantsIsReadAndWhatCannotBeReadEndsTheRunHere() {
    QuotaRequest question =
        new QuotaRequest(
            "session",
            0,
            QuotaRequest.Held.NOTHING,
            QuotaRequest.Wanted.NOTHING,
            List.of(),
            QuotaRequest.Observed.NOTHING,
            QuotaRequest.Totals.NOTHING);
    willAnswer(QuotaReply.STOPPED.encode(), new byte[3]);

    CompletableFuture<QuotaReply> stopped = driver.quota(question).toCompletableFuture();
    CompletableFuture<QuotaReply> torn = driver.quota(question).toCompletableFuture();

    assertThat(stopped).isCompleted();
    assertThat(stopped.join().leave().stopped()).isTrue();
    assertThat(torn).isCompletedExceptionally();
    assertThatThrownBy(torn::join).hasCauseInstanceOf(AssertionError.class);
    WorkerRequest.Quota sent = (WorkerRequest.Quota) requests().get(0);
    assertThat(QuotaRequest.decode(sent.question()).session()).isEqualTo("session");
  }
}

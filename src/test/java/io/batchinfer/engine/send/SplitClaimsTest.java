package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.engine.WorkerRequest.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a worker asks for splits, and gives them back. */
class SplitClaimsTest {
  private static final long LONG_ENOUGH_SECONDS = 30;
  private static final SplitClaim SPLIT =
      new SplitClaim(0, Optional.empty(), List.of(), Optional.empty(), false, List.of());

  private final SendingParts parts = new SendingParts(List.of(WorkedJob.line("a")), 1, Map.of());
  private final CompletableFuture<byte[]> claim = new CompletableFuture<>();
  private final SplitClaims claims = new SplitClaims(parts.driver, "w", parts.failure, parts.waits);

  SplitClaimsTest() {
    parts.answers =
        request ->
            request.kind() == Kind.CLAIM
                ? claim
                : CompletableFuture.completedFuture(new byte[] {1});
  }

  @AfterEach
  void close() {
    parts.close();
  }

  /** Asks on a thread of its own; what it ends with is the answer, or what was thrown. */
  private CompletableFuture<ClaimAnswer> asks() {
    CompletableFuture<ClaimAnswer> end = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                end.complete(claims.claim());
              } catch (Throwable thrown) {
                end.completeExceptionally(thrown);
              }
            },
            "worker");
    thread.setDaemon(true);
    thread.start();
    while (thread.getState() != Thread.State.TIMED_WAITING && !end.isDone()) {
      Thread.onSpinWait();
    }
    return end;
  }

  @Test
  void aWorkerAsksUnderItsNameAndWaitsUntilItIsAnswered() throws Exception {
    CompletableFuture<ClaimAnswer> asks = asks();
    assertThat(asks).isNotDone();
    assertThat(parts.told).containsExactly(new WorkerRequest.Claim("w"));

    claim.complete(SPLIT.encode());

    assertThat(asks.get(LONG_ENOUGH_SECONDS, TimeUnit.SECONDS)).isEqualTo(SPLIT);
    assertThat(claims.worker()).isEqualTo("w");
  }

  @Test
  void theAnswerWakesWhoWaitsForIt() throws Exception {
    claim.complete(SPLIT.encode());
    assertThat(claims.claim()).isEqualTo(SPLIT);

    // Who waits next does not wait, since something has changed: nothing else can have told it.
    Thread waiting =
        new Thread(
            () -> {
              try {
                parts.waits.awaitChange();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "waiting");
    waiting.start();
    while (waiting.isAlive()) {
      assertThat(waiting.getState()).isNotEqualTo(Thread.State.TIMED_WAITING);
    }
  }

  @Test
  void aWorkerWhoseProcessIsBrokenDoesNotWaitForItsSplit() {
    IllegalStateException cause = new IllegalStateException("broken");
    CompletableFuture<ClaimAnswer> asks = asks();
    parts.failure.broke(cause);

    assertThatThrownBy(() -> asks.get(LONG_ENOUGH_SECONDS, TimeUnit.SECONDS)).hasRootCause(cause);
  }

  @Test
  void whatTheDriverFailsOnIsThrown() {
    claim.completeExceptionally(new IllegalStateException("scripted"));

    assertThatThrownBy(claims::claim)
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("scripted");
  }

  @Test
  void aSplitThatIsGrantedBehindTheReleaseIsReleasedToo() {
    assertThat(asks()).isNotDone();
    parts.failure.broke(new IllegalStateException("broken"));

    claims.giveBack();
    assertThat(parts.told(Kind.RELEASE)).isOne();
    claim.complete(SPLIT.encode());

    assertThat(parts.told(Kind.RELEASE)).isEqualTo(2);
    assertThat(parts.told).contains(new WorkerRequest.Release("w"));
  }

  @Test
  void whereNoSplitComesAnyMoreNothingElseIsReleased() {
    assertThat(asks()).isNotDone();
    parts.failure.broke(new IllegalStateException("broken"));

    claims.giveBack();
    claim.complete(ClaimAnswer.Nothing.LATER.encode());

    assertThat(parts.told(Kind.RELEASE)).isOne();
  }

  @Test
  void anAnswerThatWasHeardIsReleasedOnce() throws Exception {
    claim.complete(SPLIT.encode());
    assertThat(claims.claim()).isEqualTo(SPLIT);

    claims.giveBack();

    assertThat(parts.told(Kind.RELEASE)).isOne();
  }
}

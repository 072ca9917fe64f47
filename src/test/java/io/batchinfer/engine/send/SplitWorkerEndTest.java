package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.engine.WorkerRequest.Kind;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.InMemoryFiles;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many splits a worker has open, and what it leaves behind, however it ends. */
class SplitWorkerEndTest {
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);
  private static final int SPLITS = 10;

  /** What stands is told of after some seconds. */
  private static final Map<String, String> SOON_TOLD =
      Map.of("request-timeout", "1s", "max-attempts", "2", "max-cool-down", "8s");

  private final SendingParts parts =
      new SendingParts(new WorkedJob(InMemoryFiles.filesystem(), SPLITS, 1, SOON_TOLD), 100);

  /** What the driver answers to claims, one after the other, and then that there are no more. */
  private final Queue<ClaimAnswer> claims = new ConcurrentLinkedQueue<>();

  /** Rows under way and bytes that are not durable when splits were given back. */
  private final List<String> atRelease = new CopyOnWriteArrayList<>();

  private volatile Runnable whenFinished = () -> {};
  private volatile boolean losesRelease;
  private volatile boolean losesClaim;
  private @Nullable Thread thread;

  SplitWorkerEndTest() {
    assertThat(parts.job.splits()).hasSize(SPLITS);
    for (int split = 0; split < SPLITS; split++) {
      claims.add(
          new SplitClaim(split, Optional.empty(), List.of(), Optional.empty(), false, List.of()));
    }
    parts.answers = this::answer;
  }

  private CompletableFuture<byte[]> answer(WorkerRequest request) {
    if (request.kind() == Kind.CLAIM) {
      ClaimAnswer next = claims.poll();
      if (next == null && losesClaim) {
        return CompletableFuture.failedFuture(new IllegalStateException("lost"));
      }
      if (next == null) {
        whenFinished.run();
        next = ClaimAnswer.Nothing.FINISHED;
      }
      return CompletableFuture.completedFuture(next.encode());
    }
    if (request.kind() == Kind.RELEASE) {
      atRelease.add(
          "%d under way, %d not durable, %d published"
              .formatted(parts.sender.underWay(), parts.journal.unflushedBytes(), published()));
      if (losesRelease) {
        return CompletableFuture.failedFuture(new IllegalStateException("lost"));
      }
    }
    return CompletableFuture.completedFuture(new byte[] {1});
  }

  @AfterEach
  void close() {
    parts.close();
  }

  /** Lets a worker work on a thread of its own; what it ends with, or null. */
  private CompletableFuture<@Nullable Throwable> work() {
    CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();
    SplitWorker worker = parts.worker();
    Thread started =
        new Thread(
            () -> {
              @Nullable Throwable cause = null;
              try {
                worker.run();
              } catch (Throwable thrown) {
                cause = thrown;
              }
              end.complete(cause);
            },
            "worker");
    started.setDaemon(true);
    started.start();
    thread = started;
    return end;
  }

  private void await(String what, BooleanSupplier condition) {
    Eventually.await(what, LONG_ENOUGH, condition, () -> parts.told.toString());
  }

  /** Until the worker waits for a split's end. */
  private void awaitWaiting() {
    Thread worker = Objects.requireNonNull(thread);
    await("the worker waits", () -> worker.getState() == Thread.State.TIMED_WAITING);
  }

  private static @Nullable Throwable end(CompletableFuture<@Nullable Throwable> worker)
      throws Exception {
    return worker.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
  }

  private long published() {
    return parts.told(Kind.COMMITTED);
  }

  private void keepSplits(int number) {
    Queue<ClaimAnswer> kept = new ArrayDeque<>();
    IntStream.range(0, number).forEach(i -> kept.add(claims.remove()));
    claims.clear();
    claims.addAll(kept);
  }

  @Test
  void aWorkerReadsOnWhileRowsOfUpToEightSplitsAreUnderWay() throws Exception {
    CompletableFuture<@Nullable Throwable> worker = work();
    awaitWaiting();
    assertThat(parts.told(Kind.CLAIM)).isEqualTo(8);
    assertThat(parts.open).hasSize(8);
    assertThat(parts.began).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);

    parts.answer("x");
    await("another split", () -> parts.told(Kind.CLAIM) == 9);
    assertThat(parts.over).containsExactly(0);
    parts.whenSent = sent -> sent.answer("x");
    while (!parts.open.isEmpty()) {
      parts.answer("x");
    }

    await(
        "the end",
        () -> {
          // The one that was sent before it could be answered at once.
          while (!parts.open.isEmpty() && !parts.open.peek().answer().isDone()) {
            parts.answer("x");
          }
          return worker.isDone();
        });
    assertThat(end(worker)).isNull();
    assertThat(published()).isEqualTo(SPLITS);
    assertThat(parts.over).hasSize(SPLITS).doesNotHaveDuplicates();
    assertThat(parts.told(Kind.RELEASE)).as("nothing is left to give back").isZero();
  }

  @Test
  void aWorkerAsksAgainWhereThereIsNoSplitForIt() throws Exception {
    keepSplits(1);
    ClaimAnswer split = claims.remove();
    claims.addAll(List.of(ClaimAnswer.Nothing.LATER, ClaimAnswer.Nothing.LATER, split));
    parts.whenSent = sent -> sent.answer("x");

    assertThat(end(work())).isNull();

    assertThat(parts.told(Kind.CLAIM)).isEqualTo(4);
    assertThat(published()).isOne();
  }

  @Test
  void aWorkerEndsOnlyWhenItsLastSplitIsPublished() throws Exception {
    keepSplits(1);
    CompletableFuture<@Nullable Throwable> worker = work();
    awaitWaiting();
    assertThat(worker).isNotDone();

    parts.answer("x");

    assertThat(end(worker)).isNull();
    assertThat(published()).isOne();
    assertThat(parts.told(Kind.RELEASE)).isZero();
  }

  @Test
  void aRunThatIsStoppedGivesBackWhatWaitsOnceTheLastAnswerIsPublished() throws Exception {
    keepSplits(2);
    parts.grant(1);
    CompletableFuture<@Nullable Throwable> worker = work();
    awaitWaiting();
    assertThat(parts.quota.waiting()).isOne();
    parts.stop();
    assertThat(parts.told(Kind.RELEASE)).as("one answer is still to come").isZero();
    parts.answer("x");

    assertThat(end(worker)).isNull();
    assertThat(atRelease).containsExactly("1 under way, 0 not durable, 1 published");
    assertThat(parts.open).as("what went out meanwhile").isEmpty();
  }

  @Test
  void aWorkerThatIsInterruptedWaitsForWhatIsPaidForAndGivesTheRestBack() throws Exception {
    keepSplits(2);
    CompletableFuture<@Nullable Throwable> worker = work();
    awaitWaiting();
    Objects.requireNonNull(thread).interrupt();
    parts.answer("x");
    assertThat(parts.told(Kind.RELEASE)).isZero();
    parts.answer("x");

    assertThat(end(worker)).isInstanceOf(InterruptedException.class);
    assertThat(atRelease).singleElement().asString().startsWith("0 under way, 0 not durable");
  }

  @Test
  void aWorkerOfAStoppedRunThatIsInterruptedWaitsNoLonger() throws Exception {
    keepSplits(2);
    CompletableFuture<@Nullable Throwable> worker = work();
    awaitWaiting();
    parts.stop();
    Objects.requireNonNull(thread).interrupt();

    assertThat(end(worker)).isInstanceOf(InterruptedException.class);
    assertThat(atRelease).containsExactly("2 under way, 0 not durable, 0 published");
  }

  @Test
  void aWorkerEndsWithItsProcessAndGivesItsSplitsBack() throws Exception {
    BatchException cause = new BatchException(ErrorCode.STORAGE_FAILED, "broken");
    CompletableFuture<@Nullable Throwable> worker = work();
    awaitWaiting();
    parts.failure.broke(cause);

    assertThat(end(worker)).isSameAs(cause);
    assertThat(atRelease).hasSize(1);
  }

  @Test
  void splitsAreGivenBackAlsoWhereWhatIsSettledCannotBeKept() throws Exception {
    keepSplits(1);
    CompletableFuture<@Nullable Throwable> worker = work();
    awaitWaiting();
    parts.files.failWrites();
    parts.answer("x");

    assertThat(end(worker)).isNotNull().isSameAs(parts.failure.cause());
    assertThat(atRelease).hasSize(1);
    assertThat(published()).isZero();
  }

  @Test
  void aReleaseThatIsLostEndsTheProcessAfterItsAnswers() throws Exception {
    keepSplits(2);
    losesRelease = true;
    CompletableFuture<@Nullable Throwable> worker = work();
    awaitWaiting();
    parts.stop();
    long began = parts.time.nanos();
    Objects.requireNonNull(thread).interrupt();

    assertThat(end(worker)).isInstanceOf(InterruptedException.class);
    assertThat(Duration.ofNanos(parts.time.nanos() - began))
        .as("how long answers were waited for")
        .isGreaterThanOrEqualTo(OwnershipTiming.DEFAULT.fence());
    assertThat(parts.failure.cause()).rootCause().hasMessage("lost");
    assertThat(parts.room.enter(1, 1)).as("nothing new goes out").isFalse();
  }

  @Test
  void aProcessThatBreaksAtTheLastMomentDoesNotLookAsIfAllWereWell() throws Exception {
    BatchException cause = new BatchException(ErrorCode.STORAGE_FAILED, "broken");
    keepSplits(0);
    whenFinished = () -> parts.failure.broke(cause);

    assertThat(end(work())).isSameAs(cause);
    assertThat(parts.told(Kind.RELEASE)).isZero();
  }

  @Test
  void aProcessThatIsBrokenAlreadyAsksForNoSplitAndKeepsNone() throws Exception {
    BatchException cause = new BatchException(ErrorCode.STORAGE_FAILED, "broken");
    parts.failure.broke(cause);

    assertThat(end(work())).isSameAs(cause);
    assertThat(parts.told(Kind.CLAIM)).isZero();
    assertThat(parts.told(Kind.RELEASE)).isOne();
  }

  @Test
  void aWorkerWhoseDriverFailsWaitsForWhatIsPaidFor() throws Exception {
    keepSplits(1);
    losesClaim = true;
    parts.time.schedule(() -> parts.answer("x"), Duration.ofSeconds(5));

    assertThat(end(work())).hasRootCauseMessage("lost");
    assertThat(atRelease).singleElement().asString().startsWith("0 under way, 0 not durable");
  }

  @Test
  void aSplitWhoseRowsStandIsToldOf() throws Exception {
    keepSplits(1);
    CompletableFuture<@Nullable Throwable> worker = work();
    awaitWaiting();
    parts.time.advance(Duration.ofMinutes(2));

    assertThat(parts.notices)
        .singleElement()
        .asString()
        .startsWith("Split 0, some of whose rows are under way");
    parts.answer("x");
    assertThat(end(worker)).isNull();
  }
}

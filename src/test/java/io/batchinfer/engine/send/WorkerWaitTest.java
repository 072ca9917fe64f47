package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Settlement;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.Split;
import io.batchinfer.pack.PackChannel;
import io.batchinfer.policy.StatusMeaning.Stop;
import io.batchinfer.row.ResultLineWriter;
import io.batchinfer.watch.WorkObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a worker does while it has nothing to do. */
class WorkerWaitTest {
  private static final Split SPLIT =
      new Split(0, 0, "/in", 0, 10, 0, 0, 1, 1, 1, 0, Hash128.ZERO, 0);
  private static final Duration FENCE = Duration.ofHours(1);

  /** Never waits, and notes how long it would have. */
  private static final class Waits extends Semaphore {
    private static final long serialVersionUID = 1;

    private final transient List<Duration> waited = new ArrayList<>();

    Waits() {
      super(0);
    }

    @Override
    public boolean tryAcquire(long timeout, TimeUnit unit) {
      boolean acquired = tryAcquire();
      if (!acquired) {
        waited.add(Duration.of(timeout, unit.toChronoUnit()));
      }
      return acquired;
    }
  }

  private final SteppedSending sending = new SteppedSending().start(2);
  private final Waits waits = new Waits();
  private final List<SplitProgress> settled = new ArrayList<>();
  private final RowSettler settler =
      new RowSettler(
          sending.journal,
          new ResultLineWriter(new RowKey(Hash128.ZERO), List.of("/in")),
          sending.quota,
          new Tally(),
          WorkerWaitTest::unexpected);
  private final WorkerWait wait =
      new WorkerWait(
          new RowPath(
              sending.room,
              new PackChannel(
                  sending.channel,
                  1,
                  1 << 20,
                  () -> false,
                  words -> {},
                  WorkerWaitTest::unexpected),
              new OutcomeClassifier(new SecretMask(List.of()), WorkerWaitTest::unexpected),
              settler,
              WorkObserver.NONE,
              sending.time),
          sending.quota,
          waits);

  private static void unexpected(Throwable thrown) {
    throw new AssertionError(thrown);
  }

  @AfterEach
  void end() {
    sending.close();
  }

  /** A row is refused in a way that ends the run unless another row is answered. */
  private void setOneAside() {
    settler.settle(
        new SplitProgress(SPLIT, settled::add),
        0,
        "mine",
        new RowEnd(
            new Unanswered(ErrorCode.INVALID_RESPONSE, "refused", null),
            1,
            0,
            Stop.BEFORE_FIRST_SUCCESS));
    assertThat(settler.hasSetAside()).isTrue();
  }

  @Test
  void aChangeThatCameBeforeIsNotWaitedForAndManyAreOne() throws Exception {
    wait.changed();
    wait.changed();

    wait.awaitChange();
    assertThat(waits.waited).isEmpty();

    wait.awaitChange();
    wait.awaitChange();
    assertThat(waits.waited).containsExactly(Duration.ofMillis(100), Duration.ofMillis(100));
  }

  @Test
  void aRefusalIsTheRowsOwnOnceAnotherRowIsAnswered() throws Exception {
    setOneAside();
    assertThat(sending.room.enter(1, 1)).isTrue();
    wait.awaitChange();
    assertThat(settled).isEmpty();

    CompletableFuture<Settlement> answered = sending.send();
    sending.end(200, "fits");
    assertThat(answered).isCompleted();
    wait.awaitChange();

    assertThat(settled).hasSize(1);
    assertThat(settler.hasSetAside()).isFalse();
  }

  @Test
  void aRefusalIsTheRowsOwnOnceTheDriverHasHeardOfAllAndGoesOn() throws Exception {
    setOneAside();
    assertThat(sending.room.enter(1, 1)).isTrue();
    wait.awaitChange();
    assertThat(settled).isEmpty();

    sending.room.leave(1);
    sending.time.advance(Duration.ofSeconds(5));
    assertThat(sending.questions).hasSize(1);
    wait.awaitChange();
    // The driver may still say that this was the end.
    assertThat(settled).isEmpty();

    sending.answer(2, FENCE);
    wait.awaitChange();
    assertThat(settled).hasSize(1);
  }

  @Test
  void aRowWhoseRefusalEndsTheRunStaysOpenToBeSentAgain() throws Exception {
    setOneAside();
    sending.time.advance(Duration.ofSeconds(5));
    sending.answerStopped();

    wait.awaitChange();

    assertThat(settled).isEmpty();
    assertThat(settler.hasSetAside()).isTrue();
    assertThat(sending.journal.unflushedBytes()).isZero();
  }

  @Test
  void aRowWhoseRefusalEndsTheRunStaysOpenAlthoughOthersWereAnswered() throws Exception {
    setOneAside();
    CompletableFuture<Settlement> answered = sending.send();
    sending.end(200, "fits");
    assertThat(answered).isCompleted();
    sending.quota.halt();

    wait.awaitChange();

    assertThat(settler.hasSetAside()).isTrue();
  }

  @Test
  void whereNothingIsSetAsideNothingIsSettled() throws Exception {
    wait.awaitChange();

    assertThat(settled).isEmpty();
    assertThat(waits.waited).hasSize(1);
  }
}

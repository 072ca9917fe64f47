package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.client.Settlement;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.storage.OwnershipTiming;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a process ends what it has under way. */
class DrainTest {
  private static final Duration FENCE = OwnershipTiming.DEFAULT.fence();
  private static final Duration LOOKS = Duration.ofMillis(100);

  private final SteppedSending sending = new SteppedSending().start(1);
  private final Drain drain = sending.drain;

  @AfterEach
  void end() {
    sending.close();
  }

  private static boolean fits(CompletableFuture<Settlement> settled) {
    ReplyFacts facts = Objects.requireNonNull(settled.join().last().facts());
    return facts.misfit().isEmpty();
  }

  @Test
  void anAnswerUnderWayIsWaitedForAndMadeDurableAndNothingNewGoesOut() throws Exception {
    CompletableFuture<Settlement> first = sending.send();
    CompletableFuture<Settlement> second = sending.send();
    sending.endAfter(Duration.ofSeconds(3), 200, "fits");

    drain.drain();

    assertThat(first).isCompleted();
    assertThat(sending.isDurable()).isTrue();
    assertThat(sending.passed()).isBetween(Duration.ofSeconds(3), Duration.ofMillis(3_100));
    assertThat(second).isNotDone();
    assertThat(sending.underWay).isEmpty();
    assertThat(sending.room.enter(1, 1)).isFalse();
    assertThat(drain.isDry()).isTrue();
  }

  @Test
  void anAnswerThatDoesNotComeIsWaitedForAsLongAsTheFence() {
    CompletableFuture<Settlement> never = sending.send();
    sending.append();

    drain.drain();

    assertThat(sending.passed()).isEqualTo(FENCE);
    assertThat(never).isNotDone();
    assertThat(sending.isDurable()).isTrue();
  }

  @Test
  void nothingIsWaitedForOnceTheProcessCannotGoOn() {
    CompletableFuture<Settlement> never = sending.send();
    sending.time.schedule(
        () -> sending.failure.broke(new IllegalStateException("scripted")), Duration.ofSeconds(1));

    drain.drain();

    assertThat(sending.passed()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(1_100));
    assertThat(never).isNotDone();
  }

  @Test
  void aPaidAnswerWhoseRowWaitsToBeAskedAgainIsKept() {
    CompletableFuture<Settlement> row = sending.send();
    CompletableFuture<Settlement> next = sending.send();
    sending.end(200, SteppedSending.MISFIT);
    assertThat(row).isNotDone();
    sending.endAfter(Duration.ofSeconds(1), 200, "fits");

    drain.drain();

    assertThat(next).isCompleted();
    assertThat(row).isCompleted();
    assertThat(fits(row)).isFalse();
    assertThat(sending.isDurable()).isTrue();
  }

  @Test
  void aRowThatIsBeingAskedAgainKeepsTheBetterAnswerThatComesLate() {
    CompletableFuture<Settlement> row = sending.send();
    sending.end(200, SteppedSending.MISFIT);
    assertThat(sending.underWay).hasSize(1);

    drain.drain();
    assertThat(row).isNotDone();
    drain.settleRest();
    assertThat(row).isNotDone();
    sending.end(200, "fits");

    assertThat(fits(row)).isTrue();
    assertThat(sending.isDurable()).isFalse();
    drain.drainRest();
    assertThat(sending.isDurable()).isTrue();
  }

  @Test
  void whatCannotBeMadeDurableIsThrownToWhoAsksForItAlone() {
    sending.files.failWrites();
    sending.append();

    drain.drain();
    assertThatThrownBy(drain::flush)
        .isInstanceOf(CompletionException.class)
        .hasStackTraceContaining("no space left");
  }

  @Test
  void whatIsSettledIsDurableOnceItIsFlushed() {
    sending.append();
    assertThat(sending.isDurable()).isFalse();

    drain.flush();

    assertThat(sending.isDurable()).isTrue();
    assertThat(drain.isStopped()).isFalse();
  }

  @Test
  void aProcessThatHasNothingUnderWayIsNotDrainedAtItsEnd() {
    sending.append();

    drain.drainRest();

    assertThat(drain.isStopped()).isFalse();
    assertThat(sending.isDurable()).isFalse();
  }

  @Test
  void whatNobodyHasWaitedForIsDrainedAtTheEnd() {
    CompletableFuture<Settlement> row = sending.send();
    sending.endAfter(Duration.ofSeconds(2), 200, "fits");

    drain.drainRest();

    assertThat(row).isCompleted();
    assertThat(sending.isDurable()).isTrue();
  }

  @Test
  void whatTheDriverHasWaitedForLongEnoughIsNotWaitedForAgain() {
    CompletableFuture<Settlement> row = sending.send();
    drain.stop();

    drain.drainRest();

    assertThat(row).isNotDone();
    assertThat(sending.passed()).isZero();
  }

  @Test
  void aPaidAnswerIsSettledWhenNothingCanBeAskedAgainAndNotBefore() {
    CompletableFuture<Settlement> row = sending.send();
    CompletableFuture<Settlement> next = sending.send();
    sending.end(200, SteppedSending.MISFIT);
    assertThat(drain.isStopped()).isFalse();
    drain.settleRest();
    drain.stop();
    assertThat(drain.isStopped()).isTrue();
    assertThat(drain.isDry()).isFalse();
    drain.settleRest();
    assertThat(row).isNotDone();

    sending.end(200, "fits");
    assertThat(next).isCompleted();
    assertThat(drain.isDry()).isTrue();
    drain.settleRest();

    assertThat(row).isCompleted();
  }

  @Test
  void rowsInTheChannelAreWaitedForToTheLast() {
    AtomicInteger rows = new AtomicInteger(2);
    CompletableFuture<Settlement> row = sending.send();
    sending.time.schedule(rows::decrementAndGet, Duration.ofSeconds(40));
    sending.time.schedule(rows::decrementAndGet, Duration.ofSeconds(90));

    drain.awaitRows(rows::get);

    assertThat(sending.passed()).isBetween(Duration.ofSeconds(90), Duration.ofMillis(90_100));
    assertThat(row).isNotDone();
    assertThat(drain.isStopped()).isFalse();
  }

  @Test
  void rowsThatWaitWhileNothingIsUnderWayButSomethingMayGoOutAreWaitedFor() {
    AtomicInteger rows = new AtomicInteger(1);
    sending.time.schedule(rows::decrementAndGet, Duration.ofSeconds(5));

    drain.awaitRows(rows::get);

    assertThat(sending.passed()).isBetween(Duration.ofSeconds(5), Duration.ofMillis(5_100));
    assertThat(drain.isStopped()).isFalse();
  }

  @Test
  void rowsAreNotWaitedForOnceTheProcessCannotGoOn() {
    sending.time.schedule(
        () -> sending.failure.broke(new IllegalStateException("scripted")), Duration.ofSeconds(1));

    drain.awaitRows(() -> 1);

    assertThat(sending.passed()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(1_100));
  }

  @Test
  void whatCanNoLongerBeSentIsNotWaitedFor() {
    sending.time.advance(Duration.ofHours(23));
    assertThat(sending.quota.maySend()).isTrue();

    drain.awaitRows(() -> 1);

    assertThat(sending.passed()).isBetween(Duration.ofHours(24), Duration.ofHours(24).plus(LOOKS));
    assertThat(drain.isStopped()).isTrue();
  }

  @Test
  void anAnswerUnderWayIsWaitedForAlthoughNothingMoreMayBeSent() {
    CompletableFuture<Settlement> row = sending.send();
    AtomicInteger rows = new AtomicInteger(2);
    drain.stop();
    sending.endAfter(Duration.ofSeconds(30), 200, "fits");
    CompletableFuture<Void> settled = row.thenRun(rows::decrementAndGet);

    drain.awaitRows(rows::get);

    assertThat(settled).isCompleted();
    assertThat(rows).hasValue(1);
    assertThat(sending.passed()).isBetween(Duration.ofSeconds(30), Duration.ofMillis(30_100));
  }
}

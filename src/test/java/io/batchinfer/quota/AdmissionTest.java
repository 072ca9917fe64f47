package io.batchinfer.quota;

import static io.batchinfer.quota.EndsOfAttempts.answered;
import static io.batchinfer.quota.EndsOfAttempts.broken;
import static io.batchinfer.quota.EndsOfAttempts.row;
import static io.batchinfer.quota.EndsOfAttempts.rowOf;
import static io.batchinfer.quota.EndsOfAttempts.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Attempt;
import io.batchinfer.policy.RowOutages;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaReply.Allowance;
import io.batchinfer.quota.ReplicaOrder.Bearer;
import io.batchinfer.quota.ReplicaOrder.Judgement;
import io.batchinfer.quota.ReplicaOrder.Ticket;
import io.batchinfer.quota.ReplicaOrder.Verdict;
import io.batchinfer.quota.ScriptedDriver.Granted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rows go out by what the driver grants, and when. */
class AdmissionTest {
  private final ScriptedDriver driver = new ScriptedDriver();

  private static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }

  private static Attempt throttled() {
    return SimulatedCluster.attempt(StatusMeaning.THROTTLED, 429, Optional.empty());
  }

  private static ReplicaOrder closed(long ticket, boolean forSuspect) {
    return new ReplicaOrder(
        false,
        1,
        new Ticket(ticket, forSuspect ? Bearer.SUSPECT : Bearer.ANY_ROW, true),
        new Verdict(0, Judgement.OUTAGE, 1));
  }

  @Test
  void asManyGoOutAsThereAreSlotsAndTheNextWhenOneHasEnded() {
    driver.start(1).feed(5);
    assertThat(driver.sent).isZero();
    driver.answer(3);
    assertThat(driver.sent).isEqualTo(3);
    assertThat(driver.session.slots()).isEqualTo(3);
    assertThat(driver.session.inFlight()).isEqualTo(3);

    driver.end(answered());

    assertThat(driver.sent).isEqualTo(4);
    assertThat(driver.session.inFlight()).isEqualTo(3);
  }

  @Test
  void whatComesLaterGoesOutAtOnceWhereThereIsASlot() {
    driver.start(1).answer(2);

    driver.feed(1);

    assertThat(driver.sent).isOne();
  }

  @Test
  void anAttemptWhoseEndIsBeingTakenInIsStillUnderWay() {
    driver.start(1);
    AtomicInteger meanwhile = new AtomicInteger(-1);
    CompletableFuture<Attempt> attempt = driver.send(row());
    CompletableFuture<Void> unused =
        attempt.thenRun(() -> meanwhile.set(driver.session.inFlight()));
    driver.answer(1);

    driver.end(answered());

    assertThat(meanwhile).hasValue(1);
    assertThat(driver.session.inFlight()).isZero();
  }

  @Test
  void rowsOfTheRateGoOutEachAtItsMoment() {
    driver.start(1).feed(4);
    driver.answer(new Granted(4).rows(0, millis(5), millis(9), millis(17)));

    List<Integer> sent = new ArrayList<>();
    for (int milli = 0; milli <= 17; milli++) {
      sent.add(driver.sent);
      driver.passMillis(1);
    }

    assertThat(sent).containsExactly(0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3);
  }

  @Test
  void momentsCountFromWhenTheDriverHandledTheQuestion() {
    driver.start(1).feed(1);
    driver.passMillis(30);
    Granted granted = new Granted(1).rows(0, millis(40));
    granted.held = millis(20);
    driver.answer(granted);

    driver.passMillis(29);
    assertThat(driver.sent).isZero();
    driver.passMillis(1);
    assertThat(driver.sent).isOne();
  }

  @Test
  void whatWasGrantedBeforeTheMachineWasSuspendedHasLapsed() {
    driver.start(1).feed(2);
    driver.suspended = Duration.ofSeconds(3);
    driver.answer(new Granted(2).rows(0, millis(10), millis(20)));

    driver.passMillis(100);

    assertThat(driver.sent).isZero();
  }

  @Test
  void aWallClockThatIsSetBackTakesNothing() {
    driver.start(1).feed(2);
    driver.suspended = Duration.ofSeconds(-3);
    driver.answer(new Granted(2).rows(0, millis(10), millis(20)));

    driver.passMillis(20);

    assertThat(driver.sent).isEqualTo(2);
  }

  @Test
  void aRowThatWaitsForABreakerIsLookedAtInTime() {
    driver.start(1).feed(200);
    driver.answer(10);
    while (driver.sent < 10) {
      driver.passMillis(1);
    }
    for (int i = 0; i < 10; i++) {
      driver.end(SimulatedCluster.attempt(StatusMeaning.SERVER_ERROR, 500, Optional.empty()));
    }
    int before = driver.sent;
    driver.underWay.clear();
    driver.passMillis(900);
    assertThat(driver.sent).isEqualTo(before);

    driver.passMillis(300);

    assertThat(driver.sent).isGreaterThan(before);
  }

  @Test
  void whatATooLongPauseKeepsBackGoesOutWhenItEnds() {
    driver.start(1).feed(1);
    Granted paused = new Granted(1);
    paused.coolDown = millis(350);
    driver.answer(paused);

    driver.passMillis(349);
    assertThat(driver.sent).isZero();
    driver.passMillis(100);
    assertThat(driver.sent).isOne();
  }

  @Test
  void whatAReplicasRefusalTellsAllPausesThisProcessAtOnce() {
    driver.start(1).feed(4);
    driver.answer(2);
    driver.end(
        SimulatedCluster.attempt(StatusMeaning.THROTTLED, 429, Optional.of(Duration.ofSeconds(2))));
    driver.end(answered());

    assertThat(driver.sent).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"503,OVERLOADED", "429,THROTTLED"})
  void theSlotOfWhatFoundNoRoomStaysFreeForHalfASecond(int status, StatusMeaning meaning) {
    driver.start(1).feed(10);
    driver.answer(2);
    driver.end(SimulatedCluster.attempt(meaning, status, Optional.empty()));
    assertThat(driver.sent).isEqualTo(2);

    while (!driver.questions.isEmpty()) {
      driver.answer(2);
    }
    driver.passMillis(499);
    assertThat(driver.sent).isEqualTo(2);
    driver.passMillis(1);
    assertThat(driver.sent).isEqualTo(3);
  }

  @Test
  void againstAKnownRateARefusalTakesNoSlot() {
    driver.start(1).feed(4);
    Granted granted = new Granted(2).rows(0, millis(0), millis(0), millis(0), millis(0));
    driver.answer(granted);
    assertThat(driver.sent).isEqualTo(2);

    driver.end(throttled());
    granted.starts = new long[0];
    granted.tokens = new long[0];
    driver.answer(granted);
    driver.passMillis(200);

    assertThat(driver.session.slots()).isEqualTo(2);
    assertThat(driver.asked().replicas().get(0).refusals()).isZero();
  }

  @Test
  void aRefusalThatMayEndTheJobTakesItsSlotAlongBeforeTheFirstSuccess() {
    driver.start(1).feed(9);
    driver.answer(4);
    driver.end(SimulatedCluster.attempt(StatusMeaning.NOT_FOUND, 404, Optional.empty()));

    assertThat(driver.sent).isEqualTo(4);
    assertThat(driver.session.slots()).isEqualTo(3);
    driver.end(answered());
    driver.end(SimulatedCluster.attempt(StatusMeaning.NOT_FOUND, 404, Optional.empty()));
    assertThat(driver.session.slots()).as("one is the row's own then").isEqualTo(3);
  }

  @Test
  void nothingMoreGoesOutOnceABudgetIsSpent() {
    driver.start(1).feed(9);
    Granted granted = new Granted(4);
    granted.allowances = List.of(new Allowance(0, Budget.Unit.TOKENS));

    driver.answer(granted);

    assertThat(driver.sent).isZero();
  }

  @Test
  void nothingMoreGoesOutOnceHalted() {
    driver.start(1).feed(9);
    driver.answer(2);
    CompletableFuture<Attempt> unjudged = driver.send(row());
    assertThat(unjudged).isNotDone();

    driver.session.halt();
    driver.end(answered());
    driver.end(answered());

    assertThat(driver.sent).isEqualTo(2);
    assertThat(driver.session.isStopped()).isTrue();
  }

  @Test
  void whatWaitsForAVerdictSpeaksForItselfWhenNothingIsSentAnyMore() {
    driver.start(1);
    CompletableFuture<Attempt> halted = driver.send(row());
    driver.answer(2);
    driver.end(broken());
    assertThat(halted).isNotDone();
    driver.session.halt();
    assertThat(halted).isCompleted();

    CompletableFuture<Attempt> next = new ScriptedDriver().start(1).send(row());
    assertThat(next).isNotDone();
  }

  @Test
  void soItDoesWhenTheRunIsStopped() {
    driver.start(1);
    CompletableFuture<Attempt> attempt = driver.send(row());
    CompletableFuture<Attempt> later = driver.send(row());
    driver.answer(2);
    driver.end(broken());
    assertThat(attempt).isNotDone();
    Granted stopped = new Granted(0);
    stopped.stopped = true;

    driver.answer(stopped);

    assertThat(attempt).isCompleted();
    driver.end(broken());
    assertThat(later).as("nobody judges any more").isCompleted();
  }

  @Test
  void aVerdictCompletesTheAttemptAndTheDriverHearsThatItArrived() {
    driver.start(1);
    WaitingRow row = row();
    CompletableFuture<Attempt> attempt = driver.send(row);
    driver.answer(2);
    driver.end(broken());
    Granted judged = new Granted(2);
    judged.orders =
        new ReplicaOrder[] {
          new ReplicaOrder(false, 1, Ticket.NONE, new Verdict(1, Judgement.OUTAGE, 9))
        };

    driver.answer(judged);

    assertThat(attempt).isCompleted();
    assertThat(row.outages().next(1, 5, false)).isEqualTo(RowOutages.Next.AGAIN);
    assertThat(row.outages().count()).isOne();
    driver.passMillis(0);
    assertThat(driver.asked().replicas().get(0).signs().judged()).isOne();
  }

  @Test
  void whatWasAnsweredIsNoOutagesAnyMore() {
    driver.start(1);
    WaitingRow row = rowOf(1);
    driver.feed(row);
    driver.answer(1);

    driver.end(answered());

    assertThat(row.outages().next(1, 5, false)).isEqualTo(RowOutages.Next.BY_TABLE);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,1", "4,2", "16,4", "17,4"})
  void onlyAFewOfThoseThatAnOutageTookAreUnderWayAtOnce(int slots, int few) {
    driver.start(1);
    for (int i = 0; i < 10; i++) {
      driver.feed(rowOf(1));
    }

    driver.answer(slots);
    assertThat(driver.sent).isEqualTo(few);

    driver.feed(20);
    assertThat(driver.sent).as("others take the rest").isEqualTo(slots);
    driver.end(answered());
    assertThat(driver.sent).isEqualTo(slots + 1);
  }

  @Test
  void theirPlaceIsFreeWhenOneHasEnded() {
    driver.start(1);
    for (int i = 0; i < 10; i++) {
      driver.feed(rowOf(1));
    }
    driver.answer(4);
    assertThat(driver.sent).isEqualTo(2);

    driver.end(answered());
    assertThat(driver.sent).isEqualTo(3);
    driver.end(status(400));
    assertThat(driver.sent).isEqualTo(4);
  }

  @Test
  void aLookGoesWithARowThatNoOutageHasMet() {
    driver.start(1);
    driver.feed(rowOf(2));
    driver.feed(row());
    Granted look = new Granted(0);
    look.orders = new ReplicaOrder[] {closed(1, false)};

    driver.answer(look);

    assertThat(driver.sent).isOne();
    assertThat(driver.session.inFlight()).isOne();
    driver.passMillis(200);
    assertThat(driver.asked().wanted().suspects()).isOne();
    assertThat(driver.asked().wanted().waiting()).isOne();
  }

  @Test
  void aTicketForASuspectLetsNoOtherRowIn() {
    driver.start(1).feed(3);
    Granted trial = new Granted(3);
    trial.orders = new ReplicaOrder[] {closed(1, true)};

    driver.answer(trial);
    assertThat(driver.sent).isZero();

    driver.feed(rowOf(2));
    assertThat(driver.sent).isOne();
  }

  @Test
  void aLookThatFindsNoRoomWithholdsNoSlot() {
    driver.start(1).feed(2);
    Granted look = new Granted(1);
    look.orders = new ReplicaOrder[] {closed(1, false)};
    driver.answer(look);

    driver.end(status(503));

    assertThat(driver.asked().replicas().get(0).refusals()).isZero();
  }

  @Test
  void whatMemoryHasNoRoomForStaysAndIsNoDemand() {
    List<Integer> shortAt = new ArrayList<>();
    driver.session.boundBy(underWay -> 2 - underWay, shortAt::add);
    driver.start(1).feed(10);
    driver.answer(8);

    assertThat(driver.sent).isEqualTo(2);
    assertThat(shortAt).isNotEmpty().containsOnly(2);
    driver.passMillis(200);
    assertThat(driver.asked().wanted().waiting()).as("one more than fits").isOne();
  }

  @Test
  void whatMemoryHasRoomForAgainGoesOut() {
    AtomicInteger fits = new AtomicInteger(1);
    driver.session.boundBy(underWay -> fits.get() - underWay, unused -> {});
    driver.start(1).feed(10);
    driver.answer(8);
    assertThat(driver.sent).isOne();

    fits.set(3);
    driver.session.memoryIsFreed();
    assertThat(driver.sent).isEqualTo(3);

    driver.end(answered());
    assertThat(driver.sent).as("what has ended leaves its memory").isEqualTo(4);
  }

  @Test
  void freedMemoryDoesNotMatterWhereSlotsAreShort() {
    AtomicInteger asked = new AtomicInteger();
    driver.session.boundBy(
        underWay -> {
          asked.incrementAndGet();
          return 100;
        },
        unused -> {});
    driver.start(1).feed(10);
    driver.answer(2);
    int before = asked.get();

    driver.session.memoryIsFreed();

    assertThat(asked).hasValue(before);
    assertThat(driver.sent).isEqualTo(2);
  }

  @Test
  void asManyRowsAreWantedAsSlotsWillBeFree() {
    driver.start(1).feed(100);
    driver.answer(new Granted(16).rows(0));
    driver.passMillis(20);
    assertThat(driver.asked().wanted().rows()).isEqualTo(17);

    Duration[] now = new Duration[16];
    Arrays.fill(now, Duration.ZERO);
    driver.answer(new Granted(16).rows(0, now));
    assertThat(driver.sent).as("those that have not lapsed").isEqualTo(16);
    driver.passMillis(20);
    assertThat(driver.asked().wanted().rows()).as("some end before the answer").isEqualTo(3);
  }

  @Test
  void permitsThatAreStillToComeAreNotWantedAgain() {
    driver.start(1).feed(2);
    driver.answer(new Granted(16).rows(0, millis(500)));
    driver.passMillis(20);

    assertThat(driver.asked().wanted().rows()).isOne();
  }

  @Test
  void noMoreRowsAreWantedThanWait() {
    driver.start(1).feed(3);
    driver.answer(new Granted(1_000).rows(0));
    driver.passMillis(20);
    assertThat(driver.asked().wanted().rows()).isEqualTo(3);

    driver.feed(997);
    driver.answer(new Granted(1_000).rows(0));
    driver.passMillis(20);
    assertThat(driver.asked().wanted().rows()).as("at most").isEqualTo(256);
  }

  @Test
  void aRowAboveTheLimitIsWantedByItself() {
    driver.start(1).feed(row(5_000));
    Granted granted = new Granted(16).rows(0);
    granted.tokensPerMinute = 1_000;
    driver.answer(granted);
    driver.passMillis(20);

    assertThat(driver.asked().wanted().rows()).isOne();
    assertThat(driver.asked().wanted().costs()).containsExactly(5_000);
    assertThat(driver.asked().wanted().waiting()).isOne();
  }

  @Test
  void permitsAreGivenBackWhenNothingCanSpendThem() {
    driver.start(1).feed(1);
    Granted granted = new Granted(1).rows(7, millis(0), millis(450));
    granted.tokensPerMinute = 1_000;
    driver.answer(granted);
    assertThat(driver.sent).isOne();

    driver.passMillis(200);

    assertThat(driver.asked().held().receivedTokens()).as("that of the row").isEqualTo(7);
  }

  @Test
  void whatARowCostsLessThanItsPermitIsGivenBack() {
    driver.start(1).feed(row(10));
    Granted granted = new Granted(1).rows(25, millis(0));
    granted.tokensPerMinute = 1_000;
    driver.answer(granted);
    assertThat(driver.sent).isOne();

    driver.passMillis(200);

    assertThat(driver.asked().held().receivedTokens()).isEqualTo(25);
    assertThat(driver.asked().totals().tokenRefund()).isEqualTo(15);
  }

  @Test
  void whereTokensAreNotCountedNothingIsOwed() {
    driver.start(1).feed(row(10));
    driver.answer(new Granted(1).rows(0, millis(0)));
    assertThat(driver.sent).isOne();

    driver.passMillis(200);

    assertThat(driver.asked().totals().tokenRefund()).isZero();
    assertThat(driver.asked().wanted().costs()).isEmpty();
  }

  @Test
  void whatBreaksTheBookKeepingEndsTheSendingAndTheAttemptStillEnds() {
    AtomicInteger broken = new AtomicInteger();
    driver.session.boundBy(
        underWay -> {
          if (broken.get() > 0) {
            throw new IllegalStateException("scripted");
          }
          return 1;
        },
        unused -> {});
    driver.start(1);
    CompletableFuture<Attempt> attempt = driver.send(row());
    driver.feed(1);
    driver.answer(1);

    broken.set(1);
    driver.end(answered());

    assertThat(attempt).isCompleted();
    assertThat(driver.failures).singleElement().asString().contains("scripted");
    assertThat(driver.session.isStopped()).isTrue();
    assertThat(driver.session.inFlight()).isZero();
  }
}

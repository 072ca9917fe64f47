package io.batchinfer.quota;

import static io.batchinfer.quota.EndsOfAttempts.answered;
import static io.batchinfer.quota.EndsOfAttempts.broken;
import static io.batchinfer.quota.EndsOfAttempts.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.Reply;
import io.batchinfer.client.ReplyHeaders;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaReply.Allowance;
import io.batchinfer.quota.QuotaReply.Elsewhere;
import io.batchinfer.quota.ReplicaOrder.Bearer;
import io.batchinfer.quota.ReplicaOrder.Judgement;
import io.batchinfer.quota.ReplicaOrder.Ticket;
import io.batchinfer.quota.ReplicaOrder.Verdict;
import io.batchinfer.quota.ScriptedDriver.Granted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When a process asks the driver, what it tells and what it makes of answers that are lost. */
class AskingTest {
  private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

  private final ScriptedDriver driver = new ScriptedDriver().start(1);

  private static Attempt throttled(Duration pause) {
    return SimulatedCluster.attempt(StatusMeaning.THROTTLED, 429, Optional.of(pause));
  }

  private static Attempt using(long tokens) {
    return new Attempt(
        StatusMeaning.ANSWERED,
        new Reply(200, ReplyHeaders.NONE, new byte[0]),
        new ReplyFacts(true, new Usage(0, tokens), "", ""),
        null,
        Optional.empty());
  }

  private void assertAsksAfter(long millis) {
    assertThat(driver.questions).isEmpty();
    driver.passMillis(millis - 1);
    assertThat(driver.questions).as("1 ms before").isEmpty();
    driver.passMillis(1);
    assertThat(driver.questions).hasSize(1);
  }

  @Test
  void oneQuestionIsOpenAtATime() {
    driver.feed(5);
    driver.passMillis(60_000);

    assertThat(driver.questions).hasSize(1);
  }

  @Test
  void whoHasNothingToDoAsksTwiceASecond() {
    driver.answer(4);

    assertAsksAfter(500);
  }

  @Test
  void whoHasWorkAsksFiveTimesASecond() {
    driver.feed(1);
    driver.answer(4);
    assertThat(driver.sent).isOne();

    assertAsksAfter(200);
  }

  @Test
  void whoWaitsForRowsOfARateAsksAgainAtOnce() {
    driver.feed(1);
    driver.answer(new Granted(4).rows(0));

    assertAsksAfter(20);
  }

  @Test
  void inAPauseThereIsNoHurry() {
    driver.feed(1);
    Granted paused = new Granted(4).rows(0);
    paused.coolDown = Duration.ofMillis(150);
    driver.answer(paused);
    assertAsksAfter(150);

    paused.coolDown = Duration.ofMinutes(1);
    driver.answer(paused);
    assertAsksAfter(200);
  }

  @Test
  void norWhileEveryReplicaIsClosed() {
    driver.feed(1);
    Granted closed = new Granted(4).rows(0);
    closed.orders =
        new ReplicaOrder[] {
          new ReplicaOrder(false, 1, Ticket.NONE, new Verdict(0, Judgement.OUTAGE, 1))
        };
    driver.answer(closed);

    assertAsksAfter(200);
    assertThat(driver.asked().wanted().rows()).isZero();
  }

  @Test
  void anAnswerThatIsLostIsAskedForAgain() {
    driver.loseAnswer();

    assertAsksAfter(100);
    assertThat(driver.failures).isEmpty();
  }

  @Test
  void aPauseWhoseReportIsLostIsReportedAgain() {
    driver.feed(3);
    driver.answer(3);
    driver.end(throttled(FIVE_SECONDS));
    assertThat(driver.asked().observed().coolDownNanos()).isEqualTo(FIVE_SECONDS.toNanos());
    driver.loseAnswer();
    driver.passMillis(100);
    assertThat(driver.asked().observed().coolDownNanos()).isEqualTo(FIVE_SECONDS.toNanos());

    driver.answer(3);
    driver.passMillis(200);
    assertThat(driver.asked().observed().coolDownNanos()).as("it has been heard").isZero();
  }

  @Test
  void theFirstSuccessIsToldAtOnceAndLaterOnesInTime() {
    driver.feed(5);
    driver.answer(5);
    driver.end(answered());
    assertThat(driver.questions).hasSize(1);
    driver.answer(5);

    driver.end(answered());

    assertAsksAfter(200);
  }

  @ParameterizedTest
  @EnumSource(StatusMeaning.class)
  void whatTheDriverMustKnowIsToldAtOnce(StatusMeaning meaning) {
    hasHadASuccess();
    driver.end(SimulatedCluster.attempt(meaning, 400, Optional.empty()));

    boolean urgent = meaning.stopCode().isPresent() || meaning.isLackOfRoom();
    assertThat(driver.questions).hasSize(urgent ? 1 : 0);
  }

  private void hasHadASuccess() {
    driver.feed(8);
    driver.answer(8);
    driver.end(answered());
    driver.answer(8);
    assertThat(driver.questions).isEmpty();
  }

  @Test
  void aFailureThatIsToBeJudgedIsToldAtOnce() {
    hasHadASuccess();
    driver.end(broken());

    assertThat(driver.questions).hasSize(1);
    assertThat(driver.asked().replicas().get(0).signs().failed().lost()).isOne();
  }

  @Test
  void howATicketsAttemptEndedIsToldAtOnce() {
    driver.feed(1);
    Granted look = new Granted(1);
    look.orders =
        new ReplicaOrder[] {
          new ReplicaOrder(
              false, 1, new Ticket(7, Bearer.ANY_ROW, true), new Verdict(0, Judgement.OUTAGE, 1))
        };
    driver.answer(look);
    assertThat(driver.sent).isOne();

    driver.end(status(400));

    assertThat(driver.asked().replicas().get(0).signs().ticket().number()).isEqualTo(7);
    assertThat(driver.asked().replicas().get(0).signs().ticket().end()).isEqualTo(Sign.ALIVE);
  }

  @Test
  void aBudgetThatIsSpentIsToldAtOnceAndOnce() {
    driver.feed(8);
    Granted granted = new Granted(8);
    granted.allowances = List.of(new Allowance(100, Budget.Unit.TOKENS));
    driver.answer(granted);
    driver.end(using(60));
    driver.answer(granted);

    driver.end(using(39));
    assertThat(driver.questions).isEmpty();
    driver.end(using(1));
    assertThat(driver.asked().totals().used().total()).isEqualTo(100);
    driver.answer(granted);
    driver.end(using(1));
    assertThat(driver.questions).isEmpty();
  }

  @Test
  void aRemarkOnAnAnswerIsToldAtOnceAndOnce() {
    hasHadASuccess();
    Attempt strange =
        new Attempt(
            StatusMeaning.ANSWERED,
            new Reply(200, ReplyHeaders.NONE, new byte[0]),
            new ReplyFacts(true, new Usage(1L << 40, 1), "", "").disbelieving(new Usage(1, 1)),
            null,
            Optional.empty());
    driver.end(strange);
    assertThat(driver.asked().observed().remark()).isNotEmpty();
    driver.answer(8);

    driver.end(strange);

    assertThat(driver.questions).isEmpty();
  }

  @Test
  void whatBecameUrgentWhileAQuestionWasOpenIsAskedRightAfterIt() {
    driver.feed(4);
    driver.answer(4);
    driver.passMillis(200);
    driver.end(answered());
    assertThat(driver.questions).hasSize(1);
    assertThat(driver.asked().count(StatusMeaning.ANSWERED)).isZero();

    driver.answer(4);
    driver.passMillis(0);

    assertThat(driver.asked().count(StatusMeaning.ANSWERED)).isOne();
    driver.answer(4);
    assertAsksAfter(200);
  }

  @Test
  void anUrgentQuestionReplacesTheOneThatWasDue() {
    driver.feed(4);
    driver.answer(4);
    driver.passMillis(150);
    driver.end(answered());
    driver.answer(4);

    assertAsksAfter(200);
  }

  @Test
  void everythingIsReportedOnceTheDriverHasHeardOfIt() {
    driver.feed(1);
    assertThat(driver.session.isReported()).as("a question is open").isFalse();
    driver.answer(1);
    assertThat(driver.session.isReported()).isTrue();
    driver.end(answered());
    assertThat(driver.session.isReported()).isFalse();

    driver.answer(1);

    assertThat(driver.session.isReported()).isTrue();
    assertThat(driver.session.hasSucceeded()).isTrue();
    driver.passMillis(500);
    Granted stopped = new Granted(0);
    stopped.stopped = true;
    driver.answer(stopped);
    assertThat(driver.session.isReported()).as("the run is to end").isFalse();
  }

  @Test
  void howLongAnswersTookIsTold() {
    driver.feed(2);
    driver.answer(2);
    assertThat(driver.session.hasSucceeded()).isFalse();
    driver.passMillis(40);
    driver.end(answered());

    LatencyHistogram told = driver.asked().totals().progress().latencies();

    assertThat(told.total()).isOne();
    assertThat(told.counts()[LatencyHistogram.classOf(40_000_000)]).isOne();
    driver.answer(2);
    driver.passMillis(60);
    driver.end(status(400));
    driver.passMillis(500);
    assertThat(driver.asked().totals().progress().latencies().total()).as("answers alone").isOne();
  }

  @Test
  void aProcessWithoutAnySuccessTellsNoTimes() {
    assertThat(driver.asked().totals().progress().latencies()).isEqualTo(LatencyHistogram.NONE);
  }

  @Test
  void aRoundTripIsRatherTakenForTooLongThanForTooShort() {
    driver.feed(1);
    driver.passMillis(100);
    driver.answer(0);
    driver.passMillis(200);
    assertThat(driver.asked().wanted().roundTripNanos()).isEqualTo(100_000_000);

    driver.passMillis(20);
    Granted held = new Granted(0);
    held.held = Duration.ofMillis(20);
    driver.answer(held);
    driver.passMillis(200);

    assertThat(driver.asked().wanted().roundTripNanos())
        .as("less only little by little")
        .isEqualTo(100_000_000L * 15 / 16);
    driver.passMillis(5_000);
    driver.answer(0);
    driver.passMillis(200);
    assertThat(driver.asked().wanted().roundTripNanos()).as("at most").isEqualTo(1_000_000_000);
  }

  @Test
  void whatOtherProcessesKnowOfAReplicaIsPassedOn() {
    Granted granted = new Granted(1);
    granted.elsewhere = List.of(new Elsewhere(77, 0), new Elsewhere(99, 0));

    driver.answer(granted);

    assertThat(driver.silent.usualNanos()).isEqualTo(77);
  }

  @Test
  void aStopIsHeardOnce() {
    Granted stopped = new Granted(0);
    stopped.stopped = true;
    driver.answer(stopped);
    driver.passMillis(500);
    driver.answer(stopped);

    assertThat(driver.stops).isOne();
    assertThat(driver.session.isStopped()).isTrue();
  }

  @Test
  void onceClosedNothingIsAskedAndNoAnswerIsHeard() {
    driver.feed(3);
    driver.session.close();

    driver.answer(3);
    driver.passMillis(60_000);

    assertThat(driver.sent).isZero();
    assertThat(driver.questions).isEmpty();
  }

  @Test
  void anErrorOfThisProcessEndsTheSendingAndIsHeard() {
    driver.feed(3);
    OutOfMemoryError error = new OutOfMemoryError("scripted");

    driver.questions.remove().answer().completeExceptionally(error);

    assertThat(driver.failures).containsExactly(error);
    assertThat(driver.session.isStopped()).isTrue();
  }

  @Test
  void aPortThatThrowsEndsTheSendingAndIsHeard() {
    List<Throwable> heard = new ArrayList<>();
    QuotaSession session =
        new QuotaSession(
            "session",
            request -> {
              throw new IllegalStateException("no port");
            },
            driver.time.elapsed(),
            driver.time,
            driver.time,
            () -> QuotaRequest.Progress.ZERO,
            reply -> QuotaRequest.StatedLimits.NONE);

    session.start(() -> {}, heard::add);

    assertThat(heard).singleElement().asString().contains("no port");
    assertThat(session.isStopped()).isTrue();
  }
}

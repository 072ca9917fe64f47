package io.batchinfer.quota;

import static io.batchinfer.quota.EndsOfAttempts.answered;
import static io.batchinfer.quota.EndsOfAttempts.broken;
import static io.batchinfer.quota.EndsOfAttempts.refused;
import static io.batchinfer.quota.EndsOfAttempts.status;
import static io.batchinfer.quota.EndsOfAttempts.timedOut;
import static io.batchinfer.quota.EndsOfAttempts.withoutAddress;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.policy.OutageVerdict;
import io.batchinfer.quota.WatchedReplicas.Call;
import io.batchinfer.quota.WatchedReplicas.Sender;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a replica is doubted, when it is away, and who looks whether it is back. */
class ReplicaWatchTest {
  private final WatchedReplicas replicas = new WatchedReplicas(1);
  private final Sender process = replicas.process();

  /** As a replica is that has answered before. */
  private void isAnswering() {
    process.end(answered(), process.send());
    process.report();
  }

  /** It goes away with eight attempts of the process. */
  private Call[] goesAway() {
    Call[] lost = process.send(0, 8);
    process.report();
    process.end(broken(), lost);
    process.report();
    replicas.pass(0.5);
    process.report();
    assertThat(replicas.absence()).isPresent();
    return lost;
  }

  private boolean isAway() {
    return replicas.absence().isPresent();
  }

  @Test
  void aFailureIsTheRowsOwnAsSoonAsAnotherIsAnswered() {
    isAnswering();
    Call lost = process.send();
    Call other = process.send();
    process.end(broken(), lost);
    process.report();
    assertThat(lost.verdict()).isNull();
    assertThat(process.mayGo()).isTrue();

    process.end(answered(), other);
    process.report();

    assertThat(lost.verdict()).isEqualTo(OutageVerdict.OWN);
    assertThat(process.mayGo()).isTrue();
    assertThat(isAway()).isFalse();
  }

  @Test
  void anAnswerThatCameWithTheFailureSaysNothing() {
    isAnswering();
    Call lost = process.send();
    Call other = process.send();
    process.end(answered(), other);
    process.end(broken(), lost);
    process.report();
    process.report();

    assertThat(lost.verdict()).isNull();
  }

  @Test
  void anAnswerOfAProcessThatHadNotReportedSinceSaysNothingEither() {
    isAnswering();
    Sender other = replicas.process();
    Call early = other.send();
    other.report();
    replicas.pass(0.1);
    Call lost = process.send();
    process.end(broken(), lost);
    process.report();
    replicas.pass(0.1);

    other.end(answered(), early);
    other.report();
    process.report();
    assertThat(lost.verdict()).as("it may have come before the failure").isNull();

    other.end(answered(), other.send());
    other.report();
    process.report();
    assertThat(lost.verdict()).isEqualTo(OutageVerdict.OWN);
  }

  @Test
  void aReportAtTheMomentOfTheFailureTellsWhatComesAfter() {
    isAnswering();
    Sender other = replicas.process();
    Call under = other.send();
    Call lost = process.send();
    process.end(broken(), lost);
    process.report();
    other.report();
    replicas.pass(0.1);

    other.end(answered(), under);
    other.report();
    process.report();

    assertThat(lost.verdict()).isEqualTo(OutageVerdict.OWN);
  }

  /** Of so many under way, so many are lost at once and then so many answered. */
  @ParameterizedTest
  @CsvSource({
    "8,8,0,SHARED",
    "8,2,0,SHARED",
    "8,2,2,SHARED",
    "8,2,3,OWN",
    "9,2,2,OWN",
    "8,4,4,SHARED",
    "9,4,5,OWN",
    "2,2,0,SHARED",
    "2,1,1,OWN",
    "64,16,16,SHARED",
    "64,15,15,OWN"
  })
  void manyThatAreLostAtOnceAreAnOutage(
      int underWay, int lost, int answered, OutageVerdict verdict) {
    isAnswering();
    Call[] calls = process.send(0, underWay);
    process.report();
    replicas.pass(1);
    process.end(broken(), Arrays.copyOf(calls, lost));
    process.report();
    replicas.pass(0.45);
    process.end(answered(), Arrays.copyOfRange(calls, lost, lost + answered));
    process.report();
    if (lost > 1) {
      assertThat(calls[0].verdict()).as("before half a second is over").isNull();
    }
    replicas.pass(0.05);
    process.report();

    assertThat(Arrays.copyOf(calls, lost))
        .allSatisfy(call -> assertThat(call.verdict()).isEqualTo(verdict));
    assertThat(isAway()).isEqualTo(verdict == OutageVerdict.SHARED);
    assertThat(process.mayGo()).isEqualTo(verdict == OutageVerdict.OWN);
  }

  @Test
  void whatEachOfManyProcessesLosesAddsUp() {
    isAnswering();
    List<Sender> others = new ArrayList<>();
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Sender other = replicas.process();
      others.add(other);
      calls.add(other.send());
      other.report();
    }
    for (int i = 0; i < 4; i++) {
      others.get(i).end(broken(), calls.get(i));
      others.get(i).report();
      replicas.pass(0.1);
    }
    replicas.pass(0.1);
    others.forEach(Sender::report);

    assertThat(calls)
        .allSatisfy(call -> assertThat(call.verdict()).isEqualTo(OutageVerdict.SHARED));
    assertThat(calls.stream().map(Call::outage).distinct()).hasSize(1);
    assertThat(process.mayGo()).isTrue();
    process.report();
    assertThat(process.mayGo()).as("who lost nothing hears of it").isFalse();
  }

  @Test
  void whatASilentProcessHadUnderWayCountsNoMore() {
    isAnswering();
    Sender silent = replicas.process();
    silent.send(0, 50);
    silent.report();
    replicas.pass(15.1);
    Call[] calls = process.send(0, 4);
    process.report();
    process.end(broken(), calls[0], calls[1]);
    process.report();
    replicas.pass(0.5);
    process.report();

    assertThat(calls[0].verdict()).isEqualTo(OutageVerdict.SHARED);
  }

  @Test
  void aLossThatNothingFollowsIsTheRowsOwnInTheEnd() {
    isAnswering();
    Call lost = process.send();
    process.end(broken(), lost);
    process.report();
    replicas.pass(11.9);
    process.report();
    assertThat(lost.verdict()).isNull();

    replicas.pass(0.1);
    process.report();

    assertThat(lost.verdict()).isEqualTo(OutageVerdict.OWN);
    assertThat(isAway()).isFalse();
  }

  @Test
  void whereNothingWaitsThereIsNothingToWaitFor() {
    isAnswering();
    process.waiting = 0;
    Call lost = process.send();
    process.end(broken(), lost);
    process.report();
    replicas.pass(0.49);
    process.report();
    assertThat(lost.verdict()).isNull();

    replicas.pass(0.01);
    process.report();

    assertThat(lost.verdict()).isEqualTo(OutageVerdict.OWN);
  }

  @Test
  void aRefusedConnectionIsAnOutageWhenNothingElseIsUnderWay() {
    isAnswering();
    Call call = process.send();
    process.end(refused(), call);
    process.report();
    assertThat(process.mayGo()).as("it is not tried in vain meanwhile").isFalse();
    replicas.pass(0.5);
    process.report();

    assertThat(call.verdict()).isEqualTo(OutageVerdict.WAITED);
    assertThat(isAway()).isTrue();
  }

  @Test
  void whatIsUnderWayIsWaitedForSomeSeconds() {
    isAnswering();
    process.send();
    Call call = process.send();
    process.end(refused(), call);
    process.report();
    replicas.pass(2.9);
    process.report();
    assertThat(call.verdict()).isNull();

    replicas.pass(0.1);
    process.report();

    assertThat(call.verdict()).isEqualTo(OutageVerdict.WAITED);
  }

  @ParameterizedTest
  @ValueSource(ints = {502, 503, 521})
  void whatOneRowIsToldIsAskedOfAnotherFirst(int told) {
    isAnswering();
    Call call = process.send();
    process.end(status(told), call);
    process.report();
    replicas.pass(3);
    process.report();
    assertThat(process.mayGo()).isTrue();
    assertThat(call.verdict()).isNull();

    process.end(answered(), process.send());
    process.report();

    assertThat(call.verdict()).isEqualTo(OutageVerdict.OWN);
  }

  @ParameterizedTest
  @ValueSource(ints = {502, 503, 521})
  void whatOneRowIsToldClosesNothingHoweverLongTheOthersTake(int told) {
    isAnswering();
    process.send();
    Call call = process.send();
    process.end(status(told), call);
    process.report();
    replicas.pass(11.9);
    process.report();
    assertThat(call.verdict()).isNull();
    assertThat(process.mayGo()).isTrue();

    replicas.pass(0.1);
    process.report();

    assertThat(call.verdict()).isEqualTo(OutageVerdict.OWN);
    assertThat(isAway()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {502, 503, 521})
  void whatAnotherRowIsToldAsWellIsAnOutage(int told) {
    isAnswering();
    Call first = process.send();
    process.end(status(told), first);
    process.report();
    replicas.pass(0.6);
    Call second = process.send();
    process.end(status(told), second);
    process.report();

    assertThat(isAway()).isTrue();
    assertThat(first.verdict()).isNotNull().isNotEqualTo(OutageVerdict.OWN);
    assertThat(second.verdict()).isEqualTo(OutageVerdict.TURNED_AWAY);
  }

  @ParameterizedTest
  @ValueSource(ints = {502, 503, 521})
  void whatTheLastRowIsToldIsItsOwn(int told) {
    isAnswering();
    process.waiting = 0;
    Call call = process.send();
    process.end(status(told), call);
    process.report();
    assertThat(call.verdict()).isNull();
    replicas.pass(0.5);
    process.report();

    assertThat(call.verdict()).isEqualTo(OutageVerdict.OWN);
    assertThat(isAway()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {503, 521})
  void anAnswerOfWhichNoOtherRowIsAskedIsTakenForTheReplicas(int told) {
    isAnswering();
    process.end(status(told), process.send());
    process.report();
    replicas.pass(11.9);
    process.report();
    assertThat(isAway()).isFalse();

    replicas.pass(0.1);
    process.report();

    assertThat(isAway()).isTrue();
  }

  @Test
  void anEndpointThatHasNeverAnsweredIsWaitedForAfterOneFailure() {
    Sender cold = replicas.process(WatchedReplicas.run(false));
    Call lost = cold.send();
    cold.end(broken(), lost);
    cold.report();
    replicas.pass(0.5);
    cold.report();
    assertThat(isAway()).isTrue();
    assertThat(lost.verdict()).isEqualTo(OutageVerdict.SHARED);

    replicas.pass(0.5);
    cold.report();
    Call look = cold.sendByTicket(0);
    cold.end(broken(), look);
    cold.report();
    assertThat(look.verdict()).isEqualTo(OutageVerdict.COLD_RESET);
  }

  @ParameterizedTest
  @ValueSource(ints = {502, 503, 521})
  void oneAnswerOfAnEndpointThatIsOnlyJustStartingSpeaksForAllRows(int told) {
    Sender cold = replicas.process(WatchedReplicas.run(false));
    Call call = cold.send();
    cold.end(status(told), call);
    cold.report();
    assertThat(cold.mayGo()).isEqualTo(told == 502);
    replicas.pass(0.5);
    cold.report();

    assertThat(isAway()).isTrue();
  }

  @Test
  void whereSomethingIsUnderWayThatItCannotServeOthersIsNoOutageYet() {
    isAnswering();
    Call[] calls = process.send(0, 3);
    process.report();
    process.end(status(503), calls[0], calls[1]);
    process.report();
    replicas.pass(0.5);
    process.report();
    assertThat(isAway()).isFalse();
    assertThat(process.mayGo()).isTrue();

    process.end(answered(), calls[2]);
    process.report();

    assertThat(calls[0].verdict()).isEqualTo(OutageVerdict.OWN);
  }

  @Test
  void whoWasClosedInOneDoubtIsOpenInTheNext() {
    isAnswering();
    Sender other = replicas.process();
    other.send(0, 3);
    Call refused = process.send();
    process.end(refused(), refused);
    process.report();
    assertThat(process.mayGo()).isFalse();
    Call[] answers = other.send(0, 2);
    other.report();
    other.end(answered(), answers[0]);
    other.report();
    process.report();
    assertThat(refused.verdict()).isEqualTo(OutageVerdict.OWN);
    assertThat(process.mayGo()).isTrue();

    other.end(broken(), answers[1]);
    other.report();
    process.report();

    assertThat(process.mayGo()).isTrue();
  }

  @Test
  void whatARunThatWasNeverAnsweredIsToldCountsForNothing() {
    Sender cold = replicas.process(WatchedReplicas.run(false));
    Call[] full = cold.send(0, 2);
    cold.end(status(503), full);
    cold.report();
    replicas.pass(0.5);
    cold.report();

    assertThat(full[0].verdict()).isEqualTo(OutageVerdict.WAITED);
    assertThat(full[1].verdict()).isEqualTo(OutageVerdict.WAITED);
  }

  @Test
  void eachRunHasItsOwnVerdictOnTheSameOutage() {
    isAnswering();
    Sender cold = replicas.process(WatchedReplicas.run(false));
    Call early = cold.send();
    cold.report();
    Call[] calls = process.send(0, 2);
    process.report();
    process.end(status(503), calls);
    cold.end(status(503), early);
    process.report();
    cold.report();
    replicas.pass(0.5);
    process.report();
    cold.report();

    assertThat(calls[0].verdict()).isEqualTo(OutageVerdict.SHARED);
    assertThat(early.verdict()).isEqualTo(OutageVerdict.WAITED);
  }

  @Test
  void itIsLookedAfterASecondAndThenMoreAndMoreSeldom() {
    isAnswering();
    goesAway();
    List<Double> looks = new ArrayList<>();
    for (int tick = 10; tick <= 600; tick++) {
      if (process.hasTicket()) {
        looks.add(tick / 20.0);
        Call look = process.sendByTicket(0);
        process.end(refused(), look);
        process.report();
        assertThat(look.verdict()).isEqualTo(OutageVerdict.WAITED);
      }
      replicas.pass(0.05);
      process.report();
      assertThat(process.mayGo()).isFalse();
    }

    assertThat(looks).startsWith(1.0, 2.0, 3.5, 5.75, 9.15, 14.15, 19.15, 24.15).hasSize(9);
  }

  @Test
  void onlyOneLooksAtATime() {
    isAnswering();
    goesAway();
    Sender other = replicas.process();
    replicas.pass(0.5);
    process.report();
    other.report();
    assertThat(process.hasTicket()).isTrue();
    assertThat(process.mayTrySuspect()).isFalse();
    assertThat(other.hasTicket()).isFalse();

    Call look = process.sendByTicket(0);
    process.waiting = 0;
    for (int second = 1; second < 30; second++) {
      replicas.pass(1);
      process.report();
      other.report();
      assertThat(other.hasTicket()).as("after " + second + " s").isFalse();
    }
    replicas.pass(1);
    other.report();
    assertThat(other.hasTicket()).as("a look that takes too long").isTrue();

    process.end(broken(), look);
    process.report();
    assertThat(look.verdict()).isEqualTo(OutageVerdict.RESET);
    assertThat(isAway()).isTrue();
  }

  @Test
  void theLookOfAProcessThatFallsSilentIsAnothers() {
    isAnswering();
    goesAway();
    Sender other = replicas.process();
    replicas.pass(0.5);
    process.report();
    assertThat(process.hasTicket()).isTrue();
    for (int second = 1; second <= 15; second++) {
      replicas.pass(1);
      other.report();
      assertThat(other.hasTicket()).isFalse();
    }
    replicas.pass(0.1);
    other.report();
    assertThat(other.hasTicket()).isTrue();

    process.report();

    assertThat(process.hasTicket()).as("who comes back must not look as well").isFalse();
  }

  @Test
  void theLookOfAProcessThatIsGoneIsAnothers() {
    isAnswering();
    goesAway();
    Sender other = replicas.process();
    replicas.pass(0.5);
    process.report();
    replicas.forget(process);
    replicas.pass(0.9);
    other.report();
    assertThat(other.hasTicket()).as("looks keep their pause").isFalse();

    replicas.pass(0.1);
    other.report();

    assertThat(other.hasTicket()).isTrue();
  }

  @Test
  void whoHasNothingLeftToSendGivesItsLookBack() {
    isAnswering();
    goesAway();
    Sender other = replicas.process();
    replicas.pass(0.5);
    process.report();
    assertThat(process.hasTicket()).isTrue();
    assertThat(replicas.hasTicket(process)).isTrue();

    process.waiting = 0;
    process.report();
    assertThat(process.hasTicket()).isFalse();
    assertThat(replicas.hasTicket(process)).isFalse();
    replicas.pass(1);
    other.report();

    assertThat(other.hasTicket()).isTrue();
  }

  @Test
  void itIsLookedWithRowsThatNoOutageMadeSuspectsWhereThereAreSome() {
    isAnswering();
    goesAway();
    Sender other = replicas.process();
    process.suspects = process.waiting;
    process.report();
    other.report();
    replicas.pass(0.5);
    process.report();
    assertThat(process.hasTicket()).isFalse();
    other.report();
    assertThat(other.hasTicket()).isTrue();

    other.waiting = 0;
    other.report();
    replicas.pass(1);
    process.report();

    assertThat(process.hasTicket()).isTrue();
    assertThat(process.mayTrySuspect()).as("it is a look all the same").isFalse();
  }

  @Test
  void rowsThatAreGoneWithTheirProcessAreNotLookedWith() {
    isAnswering();
    goesAway();
    Sender other = replicas.process();
    other.report();
    process.suspects = process.waiting;
    replicas.pass(0.5);
    process.report();
    assertThat(process.hasTicket()).isFalse();

    replicas.forget(other);
    process.report();

    assertThat(process.hasTicket()).isTrue();
  }

  @Test
  void aRunThatMayNotSendLooksNowhere() {
    QuotaAuthority stopped = WatchedReplicas.run(true);
    Sender other = replicas.process(stopped);
    isAnswering();
    goesAway();
    stopped.drain();
    replicas.pass(0.5);
    other.report();
    assertThat(other.hasTicket()).isFalse();
    process.report();
    assertThat(process.hasTicket()).isTrue();
  }

  @Test
  void anAnsweredLookOpensItToAll() {
    isAnswering();
    goesAway();
    Sender other = replicas.process();
    replicas.pass(0.5);
    process.report();
    other.report();
    assertThat(other.mayGo()).isFalse();

    process.end(answered(), process.sendByTicket(1));
    process.report();
    other.report();

    assertThat(isAway()).isFalse();
    assertThat(process.mayGo()).isTrue();
    assertThat(other.mayGo()).isTrue();
    assertThat(other.hasTicket()).isFalse();
  }

  @Test
  void aLookThatTimesOutLeavesItAwayAndTheNextMayLook() {
    isAnswering();
    goesAway();
    replicas.pass(0.5);
    process.report();
    process.end(timedOut(), process.sendByTicket(0));
    process.report();
    assertThat(isAway()).isTrue();
    assertThat(process.hasTicket()).isFalse();

    replicas.pass(1);
    process.report();

    assertThat(process.hasTicket()).isTrue();
  }

  @Test
  void anAnswerToWhatWasUnderWayBringsItBackOnceItIsKnownToHaveComeLater() {
    isAnswering();
    Sender other = replicas.process();
    Call[] slow = other.send(0, 2);
    other.report();
    replicas.pass(0.1);
    goesAway();
    other.end(answered(), slow[0]);
    other.report();
    assertThat(isAway()).as("it may have been answered before").isTrue();

    other.end(answered(), slow[1]);
    other.report();

    assertThat(isAway()).isFalse();
  }

  @Test
  void whatIsLostLaterIsLostInTheSameOutage() {
    isAnswering();
    Sender other = replicas.process();
    Call late = other.send();
    other.report();
    Call[] lost = goesAway();
    replicas.pass(0.3);
    other.end(broken(), late);
    other.report();

    assertThat(late.verdict()).isEqualTo(OutageVerdict.SHARED);
    assertThat(late.outage()).isEqualTo(lost[0].outage());
  }

  @Test
  void aServerThatComesAndGoesWithALookIsAnOutageOfItsOwn() {
    isAnswering();
    Call[] lost = goesAway();
    replicas.pass(0.5);
    process.report();
    Call first = process.sendByTicket(0);
    process.end(broken(), first);
    process.report();
    assertThat(first.verdict())
        .as("nothing says that it had been back")
        .isEqualTo(OutageVerdict.RESET);
    assertThat(first.outage()).isEqualTo(lost[0].outage());

    replicas.pass(1);
    process.report();
    process.end(refused(), process.sendByTicket(0));
    process.report();
    replicas.pass(2);
    process.report();
    Call back = process.sendByTicket(1);
    process.end(broken(), back);
    process.report();
    assertThat(back.verdict()).isEqualTo(OutageVerdict.SHARED);
    assertThat(back.outage()).isGreaterThan(lost[0].outage());

    replicas.pass(5);
    process.report();
    Call again = process.sendByTicket(0);
    process.end(broken(), again);
    process.report();
    assertThat(again.verdict()).as("it was not away in between").isEqualTo(OutageVerdict.RESET);
    assertThat(again.outage()).isEqualTo(back.outage());
  }

  @Test
  void aSuspectWithWhichAServerThatHadComeBackGoesIsItsEnd() {
    isAnswering();
    goesAway();
    replicas.pass(0.5);
    process.report();
    process.end(refused(), process.sendByTicket(0));
    process.report();
    process.suspects = process.waiting;
    replicas.pass(2);
    process.report();
    Call suspect = process.sendByTicket(2);
    process.end(broken(), suspect);
    process.report();

    assertThat(suspect.verdict()).isEqualTo(OutageVerdict.CRASHED);
  }

  @Test
  void everyOutageHasANumberOfItsOwn() {
    isAnswering();
    Call[] first = goesAway();
    replicas.pass(0.5);
    process.report();
    process.end(answered(), process.sendByTicket(0));
    process.report();
    Call[] second = goesAway();

    assertThat(second[0].outage()).isNotEqualTo(first[0].outage());
    assertThat(second[7].outage()).isEqualTo(second[0].outage());
  }

  @Test
  void aProcessThatReportsForTheFirstTimeIsToldThatItIsClosed() {
    isAnswering();
    goesAway();
    Sender newcomer = replicas.process();
    newcomer.report();

    assertThat(newcomer.mayGo()).isFalse();
  }

  @Test
  void whatIsAwaySaysHowAndSinceWhen() {
    isAnswering();
    goesAway();
    Absence absence = replicas.absence().orElseThrow();
    assertThat(absence.how()).isEqualTo("breaks connections");
    assertThat(absence.answers()).isFalse();
    assertThat(absence.all()).isTrue();
    assertThat(absence.lasting()).hasMillis(500);

    String[] how = {"refuses connections", "has no address yet", "answers 503"};
    var ends = List.of(refused(), withoutAddress(), status(503));
    for (int i = 0; i < how.length; i++) {
      replicas.pass(6);
      process.report();
      process.end(ends.get(i), process.sendByTicket(0));
      process.report();
      absence = replicas.absence().orElseThrow();
      assertThat(absence.how()).isEqualTo(how[i]);
      assertThat(absence.answers()).isEqualTo(i == 2);
      assertThat(absence.lasting()).hasMillis(500 + 6_000 * (i + 1));
    }
  }
}

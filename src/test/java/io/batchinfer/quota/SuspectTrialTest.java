package io.batchinfer.quota;

import static io.batchinfer.quota.EndsOfAttempts.answered;
import static io.batchinfer.quota.EndsOfAttempts.broken;
import static io.batchinfer.quota.EndsOfAttempts.refused;
import static io.batchinfer.quota.EndsOfAttempts.status;
import static io.batchinfer.quota.EndsOfAttempts.timedOut;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Attempt;
import io.batchinfer.policy.OutageVerdict;
import io.batchinfer.quota.WatchedReplicas.Call;
import io.batchinfer.quota.WatchedReplicas.Sender;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that may be an outage's cause go out one at a time, with nothing beside them. */
class SuspectTrialTest {
  private final WatchedReplicas replicas = new WatchedReplicas(1);
  private final Sender process = replicas.process();
  private final Sender other = replicas.process();

  private static void answer(Sender process, int replica) {
    process.end(answered(), process.send(replica));
    process.report();
  }

  private static Call lose(WatchedReplicas replicas, Sender process, int replica) {
    answer(process, replica);
    Call[] lost = process.send(replica, 4);
    process.report();
    process.end(broken(), lost);
    process.report();
    replicas.pass(0.5);
    process.report();
    assertThat(lost[0].verdict()).isEqualTo(OutageVerdict.SHARED);
    return lost[0];
  }

  /** The replica goes away, comes back, and some rows are suspects by then. */
  private void isBackWithSuspects(int count) {
    var unused = lose(replicas, process, 0);
    process.suspects = count;
    process.report();
    replicas.pass(0.5);
    process.report();
    assertThat(process.mayTrySuspect()).as("it is looked first").isFalse();
    process.end(answered(), process.sendByTicket(0));
    process.report();
  }

  private Call trySuspect() {
    assertThat(process.mayTrySuspect()).isTrue();
    process.suspects--;
    Call suspect = process.sendByTicket(2);
    process.report();
    return suspect;
  }

  @Test
  void theyHaveItToThemselvesUntilNoneIsLeft() {
    isBackWithSuspects(2);
    other.report();
    process.report();
    assertThat(other.mayGo()).isFalse();
    assertThat(other.hasTicket()).isFalse();
    assertThat(process.mayGo()).isFalse();

    Call first = trySuspect();
    other.report();
    assertThat(process.hasTicket()).as("one at a time").isFalse();
    assertThat(other.hasTicket()).isFalse();
    process.end(answered(), first);
    process.report();
    assertThat(process.mayGo()).isFalse();

    Call last = trySuspect();
    other.report();
    assertThat(other.mayGo()).as("while the last is under way").isFalse();
    process.end(answered(), last);
    process.report();
    other.report();

    assertThat(process.mayGo()).isTrue();
    assertThat(other.mayGo()).isTrue();
  }

  @Test
  void theOneThatItGoesAwayWithIsTheCause() {
    isBackWithSuspects(2);
    Call suspect = trySuspect();
    process.end(broken(), suspect);
    process.report();

    assertThat(suspect.verdict()).isEqualTo(OutageVerdict.CRASHED);
    assertThat(replicas.absence().orElseThrow().lasting()).isZero();
    assertThat(process.hasTicket()).as("it has to be back first").isFalse();
    replicas.pass(0.99);
    process.report();
    assertThat(process.hasTicket()).isFalse();
    replicas.pass(0.01);
    process.report();
    assertThat(process.hasTicket()).isTrue();
    assertThat(process.mayTrySuspect()).as("it is looked first, with another row").isFalse();
  }

  @Test
  void whatIsLostMeanwhileElsewhereIsNotBlamed() {
    isBackWithSuspects(1);
    Call suspect = trySuspect();
    Call late = process.send();
    process.end(broken(), late);
    process.end(broken(), suspect);
    process.report();

    assertThat(late.verdict()).isEqualTo(OutageVerdict.SHARED);
    assertThat(suspect.verdict()).isEqualTo(OutageVerdict.CRASHED);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 503, 521})
  void oneThatIsTurnedAwayIsNotTheCause(int told) {
    isBackWithSuspects(1);
    Attempt end = told == 0 ? refused() : status(told);
    Call suspect = trySuspect();
    process.end(end, suspect);
    process.report();

    assertThat(suspect.verdict())
        .isEqualTo(told == 0 ? OutageVerdict.WAITED : OutageVerdict.TURNED_AWAY);
    assertThat(replicas.absence()).isPresent();
  }

  @Test
  void oneThatTimesOutMakesRoomForTheNext() {
    isBackWithSuspects(2);
    process.end(timedOut(), trySuspect());
    process.report();

    assertThat(replicas.absence()).isEmpty();
    assertThat(process.mayTrySuspect()).isTrue();
    assertThat(process.mayGo()).isFalse();
  }

  @Test
  void whoWasToLookAndHasNotHeardThatItNeedNotIsNotBesideIt() {
    Call slow = process.send();
    var unused = lose(replicas, process, 0);
    process.suspects = 1;
    process.report();
    replicas.pass(0.5);
    other.report();
    other.report();
    assertThat(other.hasTicket()).isTrue();

    process.end(answered(), slow);
    process.report();
    process.report();
    other.tell();
    process.report();
    assertThat(process.hasTicket()).as("the other may still use its own").isFalse();

    other.report();
    assertThat(other.hasTicket()).isFalse();
    other.tell();
    process.report();
    assertThat(process.mayTrySuspect()).isTrue();
  }

  @Test
  void itIsEmptyBeforeTheFirstGoes() {
    Call slow = other.send();
    other.report();
    isBackWithSuspects(1);
    process.report();
    assertThat(process.hasTicket()).as("another has something under way").isFalse();
    other.report();
    other.report();
    process.report();
    assertThat(process.hasTicket()).as("and still has when it knows of the closing").isFalse();

    other.end(timedOut(), slow);
    other.report();
    process.report();
    assertThat(process.mayTrySuspect()).isTrue();
  }

  @Test
  void allKnowOfItBeforeTheFirstGoes() {
    other.report();
    isBackWithSuspects(1);
    process.report();
    assertThat(process.hasTicket()).as("another has not heard of the closing").isFalse();
    other.report();
    process.report();
    assertThat(process.hasTicket()).as("nor told that it has").isFalse();

    other.report();
    process.report();

    assertThat(process.mayTrySuspect()).isTrue();
  }

  @Test
  void aProcessThatHasFallenSilentIsNotWaitedFor() {
    other.send();
    other.report();
    isBackWithSuspects(1);
    // The other was last heard a second ago.
    for (int second = 1; second <= 14; second++) {
      replicas.pass(1);
      process.report();
      assertThat(process.hasTicket()).isFalse();
    }
    replicas.pass(0.1);
    process.report();

    assertThat(process.mayTrySuspect()).isTrue();
  }

  @Test
  void whoIsGoneLeavesItToTheNext() {
    isBackWithSuspects(1);
    other.suspects = 1;
    other.report();
    other.report();
    trySuspect();
    other.report();
    assertThat(other.hasTicket()).isFalse();

    replicas.forget(process);
    other.report();

    assertThat(other.mayTrySuspect()).isTrue();
  }

  @Test
  void whoFallsSilentWithItLeavesItToTheNext() {
    isBackWithSuspects(1);
    other.suspects = 1;
    other.report();
    other.report();
    Call suspect = trySuspect();
    for (int second = 1; second <= 15; second++) {
      replicas.pass(1);
      other.report();
      assertThat(other.hasTicket()).isFalse();
    }
    replicas.pass(0.1);
    other.report();
    assertThat(other.mayTrySuspect()).isTrue();

    process.end(broken(), suspect);
    process.report();
    assertThat(suspect.verdict())
        .as("others may have been under way by then")
        .isEqualTo(OutageVerdict.RESET);
  }

  @Test
  void whenTheLastSuspectIsGoneWithItsProcessItOpens() {
    isBackWithSuspects(1);
    other.report();
    assertThat(other.mayGo()).isFalse();

    replicas.forget(process);
    other.report();

    assertThat(other.mayGo()).isTrue();
  }

  @Test
  void aRunThatMayNotSendTriesNoSuspect() {
    isBackWithSuspects(0);
    QuotaAuthority run = WatchedReplicas.run(true);
    Sender stopped = replicas.process(run);
    stopped.suspects = 1;
    stopped.report();
    run.drain();
    stopped.report();
    other.report();
    process.report();
    stopped.report();

    assertThat(stopped.hasTicket()).isFalse();
  }

  @Test
  void ofSeveralReplicasOneIsEmptiedForThemWhenNoneComesBack() {
    WatchedReplicas two = new WatchedReplicas(2);
    Sender process = two.process();
    Sender other = two.process();
    answer(process, 1);
    var unused = lose(two, process, 0);
    process.suspects = 1;
    for (int second = 1; second <= 60; second++) {
      process.report();
      assertThat(process.gates[1].isOpen()).as("after " + second + " s").isTrue();
      two.pass(second == 1 ? 0.5 : 1);
      if (process.gates[0].hasTicket()) {
        process.end(refused(), process.sendByTicket(0, 0));
      }
    }
    Call[] slow = other.send(1, 1);
    other.report();
    process.report();

    assertThat(process.gates[1].isOpen()).as("after a minute it is emptied").isFalse();
    assertThat(process.gates[1].hasTicket()).isFalse();
    other.report();
    assertThat(other.gates[1].isOpen()).isFalse();
    other.end(answered(), slow);
    other.report();
    other.report();
    process.report();
    assertThat(process.gates[1].hasTicket()).isTrue();
    assertThat(process.gates[1].bearer()).isEqualTo(ReplicaOrder.Bearer.SUSPECT);

    process.suspects = 0;
    process.end(answered(), process.sendByTicket(1, 2));
    process.report();
    other.report();
    assertThat(other.gates[1].isOpen()).isTrue();
  }

  @Test
  void suspectsGoToOneReplicaAtATime() {
    WatchedReplicas two = new WatchedReplicas(2);
    Sender process = two.process();
    answer(process, 0);
    answer(process, 1);
    process.suspects = 2;
    process.report();
    assertThat(process.gates[0].hasTicket()).as("before it is known to be closed").isFalse();
    process.report();

    assertThat(List.of(process.gates[0].isOpen(), process.gates[1].isOpen()))
        .containsExactly(false, true);
    assertThat(process.gates[0].hasTicket()).isTrue();
    assertThat(process.gates[1].hasTicket()).isFalse();
  }

  @Test
  void whereAReplicaIsUpALookNeedsASlot() {
    WatchedReplicas two = new WatchedReplicas(2);
    Sender process = two.process();
    Sender without = two.process();
    answer(process, 1);
    var unused = lose(two, process, 0);
    without.session.grantSlots(SlotPool.fixed(8), 0);
    two.pass(0.5);
    without.report();
    assertThat(without.gates[0].hasTicket()).isFalse();
    process.report();
    assertThat(process.gates[0].hasTicket()).isTrue();
    assertThat(process.gates[0].isTicketBeyondSlots()).isFalse();
  }

  @Test
  void whereNoneIsUpALookNeedsNoSlot() {
    var unused = lose(replicas, process, 0);
    other.session.grantSlots(SlotPool.fixed(8), 0);
    replicas.pass(0.5);
    other.report();

    assertThat(other.hasTicket()).isTrue();
    assertThat(other.gates[0].isTicketBeyondSlots()).isTrue();
  }

  @Test
  void theReplicaThatWentAwayLastIsShown() {
    WatchedReplicas three = new WatchedReplicas(3);
    Sender process = three.process();
    answer(process, 2);
    Call first = lose(three, process, 1);
    three.pass(0.2);
    Call second = lose(three, process, 0);
    assertThat(first.outage()).isNotEqualTo(second.outage());
    Absence absence = three.absence().orElseThrow();
    assertThat(absence.replica()).isEqualTo("replica-0");
    assertThat(absence.all()).isFalse();
    assertThat(absence.lasting()).hasMillis(500);

    var unused = lose(three, process, 2);
    absence = three.absence().orElseThrow();
    assertThat(absence.replica()).isEqualTo("replica-2");
    assertThat(absence.all()).isTrue();
  }
}

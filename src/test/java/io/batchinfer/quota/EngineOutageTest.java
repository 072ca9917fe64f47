package io.batchinfer.quota;

import static io.batchinfer.quota.EndsOfAttempts.answered;
import static io.batchinfer.quota.EndsOfAttempts.broken;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.policy.OutageVerdict;
import io.batchinfer.quota.WatchedReplicas.Call;
import io.batchinfer.quota.WatchedReplicas.Sender;
import org.junit.jupiter.api.Test;

/** A row that kills its engine twice, once alone, is the cause; however fast it is back. */
class EngineOutageTest {
  private final WatchedReplicas replicas = new WatchedReplicas(1);

  private static QuotaAuthority run(boolean answered) {
    QuotaAuthority run = WatchedReplicas.run(answered);
    run.startsEngines();
    return run;
  }

  private void pass(Sender process) {
    replicas.pass(1);
    process.report();
  }

  /** A row of so many outages is sent alone, and the engine is gone again. */
  private Call loseAlone(Sender process, int outages) {
    pass(process);
    assertThat(process.hasTicket()).isTrue();
    Call alone = process.sendByTicket(outages);
    process.report();
    process.end(broken(), alone);
    process.report();
    return alone;
  }

  private void answerOne(Sender process) {
    process.end(answered(), process.send());
    process.report();
  }

  private void loseTwo(Sender process) {
    Call[] lost = process.send(0, 2);
    process.report();
    process.end(broken(), lost);
    process.report();
    pass(process);
    assertThat(lost[0].verdict()).isEqualTo(OutageVerdict.SHARED);
  }

  @Test
  void lostBesideOthersAndThenAloneItIsTheCause() {
    Sender process = replicas.process(run(true));
    answerOne(process);
    loseTwo(process);

    assertThat(loseAlone(process, 1).verdict()).isEqualTo(OutageVerdict.CRASHED);
  }

  @Test
  void evenIfNoRowWasEverAnswered() {
    Sender process = replicas.process(run(false));
    loseTwo(process);

    assertThat(loseAlone(process, 1).verdict()).isEqualTo(OutageVerdict.CRASHED);
  }

  @Test
  void lostAloneForTheFirstTimeItIsNotYet() {
    Sender process = replicas.process(run(true));
    answerOne(process);
    loseTwo(process);

    assertThat(loseAlone(process, 0).verdict()).isEqualTo(OutageVerdict.SHARED);
    assertThat(loseAlone(process, 1).verdict()).isEqualTo(OutageVerdict.CRASHED);
  }

  @Test
  void anEndpointThatWasNotSeenToRefuseIsNotTakenForBackAgain() {
    Sender process = replicas.process();
    answerOne(process);
    loseTwo(process);

    assertThat(loseAlone(process, 1).verdict()).isEqualTo(OutageVerdict.RESET);
  }
}

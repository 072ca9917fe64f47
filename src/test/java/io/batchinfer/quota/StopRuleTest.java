package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaAuthority.StopReason;
import io.batchinfer.quota.ReplicaSigns.Failed;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** When refusals, pauses and absences end a run. */
class StopRuleTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Duration MOST = Duration.ofMinutes(10);

  private final StopRule rule = new StopRule(0);
  private final ProcessView process = new ProcessView(WatchedReplicas.run(false));
  private final Told told = new Told("process");
  private long now;

  StopRuleTest() {
    told.detail = "the endpoint's words";
  }

  private void report() {
    QuotaRequest request = told.message();
    rule.learn(request, process, MOST, now);
    process.report(request, now);
  }

  private void ended(StatusMeaning meaning, int count) {
    told.ended(meaning, count);
    report();
  }

  private Optional<ErrorCode> code() {
    return rule.reason().map(StopReason::code);
  }

  private void away(boolean all, long seconds, boolean answers) {
    rule.stopIfAwayTooLong(
        Optional.of(
            new Absence(
                "http://a", all, Duration.ofSeconds(seconds), "refuses connections", answers)),
        MOST);
  }

  @ParameterizedTest
  @EnumSource(StatusMeaning.class)
  void whatEndsTheJobAtOnceDoesAndNothingElse(StatusMeaning meaning) {
    ended(StatusMeaning.ANSWERED, 1);
    ended(meaning, 10);

    boolean atOnce = meaning.stop() == StatusMeaning.Stop.AT_ONCE;
    assertThat(rule.isStopped()).isEqualTo(atOnce);
    assertThat(rule.reason())
        .isEqualTo(meaning.stopCode().filter(any -> atOnce).map(this::withWords));
  }

  private StopReason withWords(ErrorCode code) {
    return new StopReason(code, "the endpoint's words");
  }

  @ParameterizedTest
  @CsvSource({
    "FORBIDDEN,AUTHENTICATION_FAILED",
    "NOT_FOUND,MODEL_NOT_FOUND",
    "UNKNOWN_MODEL,MODEL_NOT_FOUND"
  })
  void fourRefusalsEndAJobThatNeverHadASuccess(StatusMeaning meaning, ErrorCode code) {
    ended(meaning, 3);
    assertThat(rule.isStopped()).isFalse();
    ended(meaning, 1);

    assertThat(rule.reason()).contains(withWords(code));
  }

  @Test
  void refusalsForTheSameReasonAddUpOverAllProcesses() {
    ended(StatusMeaning.NOT_FOUND, 2);
    Told other = new Told("other").ended(StatusMeaning.UNKNOWN_MODEL, 2);
    rule.learn(other.message(), new ProcessView(process.run()), MOST, now);

    assertThat(code()).contains(ErrorCode.MODEL_NOT_FOUND);
  }

  @Test
  void refusalsForSeveralReasonsDoNot() {
    ended(StatusMeaning.NOT_FOUND, 3);
    ended(StatusMeaning.FORBIDDEN, 3);

    assertThat(rule.isStopped()).isFalse();
  }

  @Test
  void whatIsReportedAgainIsNotNew() {
    ended(StatusMeaning.FORBIDDEN, 3);
    report();
    report();

    assertThat(rule.isStopped()).isFalse();
  }

  @Test
  void slotsBeforeTheFirstSuccessAreThoseThatWereNotRefused() {
    assertThat(rule.canaries()).isEqualTo(4);
    ended(StatusMeaning.NOT_FOUND, 1);
    assertThat(rule.canaries()).isEqualTo(3);
    ended(StatusMeaning.FORBIDDEN, 3);
    assertThat(rule.canaries()).as("one always looks").isOne();
    assertThat(rule.hasSucceeded()).isFalse();

    ended(StatusMeaning.ANSWERED, 1);

    assertThat(rule.canaries()).isEqualTo(Integer.MAX_VALUE);
    assertThat(rule.hasSucceeded()).isTrue();
  }

  @Test
  void aPauseThatIsTooLongEndsTheJob() {
    told.coolDownNanos = MOST.toNanos();
    report();
    assertThat(rule.isStopped()).isFalse();

    told.coolDownNanos = MOST.toNanos() + 90 * SECOND;
    report();

    assertThat(rule.reason())
        .contains(new StopReason(ErrorCode.COOL_DOWN_TOO_LONG, "asks for a pause of 690 s"));
  }

  @Test
  void anEndpointThatCannotBeReachedForTooLongEndsTheJob() {
    ended(StatusMeaning.ANSWERED, 1);
    now = MOST.toNanos();
    ended(StatusMeaning.UNREACHABLE, 1);
    assertThat(rule.isStopped()).isFalse();

    now += 1;
    report();
    assertThat(rule.isStopped()).as("nothing new").isFalse();
    ended(StatusMeaning.UNREACHABLE, 1);

    assertThat(rule.reason())
        .contains(new StopReason(ErrorCode.HOST_UNREACHABLE, "for 600 s: the endpoint's words"));
  }

  @ParameterizedTest
  @EnumSource(StatusMeaning.class)
  void whateverItAnswersMeanwhileBeginsTheTimeAnew(StatusMeaning meaning) {
    ended(StatusMeaning.ANSWERED, 1);
    now = MOST.toNanos() - 1;
    told.waiting = 1;
    ended(meaning, 1);
    boolean heard = meaning != StatusMeaning.UNREACHABLE && meaning != StatusMeaning.NOT_SENT;
    assertThat(rule.heardAt()).isEqualTo(heard ? now : 0);
    assertThat(process.heardAt()).isEqualTo(heard ? now : 0);
  }

  @Test
  void aProcessThatHasNothingToDoIsNotCutOff() {
    now = SECOND;
    told.inFlight(1);
    report();
    assertThat(process.heardAt()).isZero();
    told.inFlight(0).waiting(1);
    report();
    assertThat(process.heardAt()).isZero();

    told.waiting(0);
    report();
    assertThat(process.heardAt()).isEqualTo(SECOND);
    now = 2 * SECOND;
    ended(StatusMeaning.UNREACHABLE, 1);
    assertThat(process.heardAt()).as("it found nobody").isEqualTo(SECOND);
  }

  @Test
  void refusedConnectionsAreJudgedByWhatAllSee() {
    told.failed(new Failed(0, 0, 4, 4, -1));
    ended(StatusMeaning.UNREACHABLE, 4);
    assertThat(rule.isStopped()).isFalse();

    away(true, 1, false);

    assertThat(rule.reason()).contains(withWords(ErrorCode.HOST_UNREACHABLE));
  }

  @Test
  void aCertificateThatDoesNotFitIsAnotherMatter() {
    told.failed(new Failed(0, 0, 1, 1, -1), new Failed(0, 0, 1, 1, -1));
    ended(StatusMeaning.UNREACHABLE, 5);
    assertThat(rule.isStopped()).as("three of them got no connection for another reason").isFalse();

    ended(StatusMeaning.UNREACHABLE, 1);

    assertThat(code()).contains(ErrorCode.HOST_UNREACHABLE);
  }

  @Test
  void whereAnotherReplicaIsThereNothingEnds() {
    away(false, 10_000, false);

    assertThat(rule.isStopped()).isFalse();
    rule.stopIfAwayTooLong(Optional.empty(), MOST);
    assertThat(rule.isStopped()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"false,HOST_UNREACHABLE", "true,COOL_DOWN_TOO_LONG"})
  void anAbsenceThatIsTooLongEndsTheRun(boolean answers, ErrorCode code) {
    ended(StatusMeaning.ANSWERED, 1);
    away(true, MOST.toSeconds(), answers);
    assertThat(rule.isStopped()).isFalse();

    away(true, MOST.toSeconds() + 1, answers);

    assertThat(rule.reason()).contains(new StopReason(code, "refuses connections, for 600 s now"));
  }

  @Test
  void anEndpointThatIsWaitedForMayTakeAsLongAsTheUserSaysUntilItHasAnswered() {
    rule.waitForEndpoint(Duration.ofHours(1));
    told.failed(new Failed(0, 0, 9, 9, -1));
    ended(StatusMeaning.UNREACHABLE, 9);
    away(true, 3_600, false);
    assertThat(rule.isStopped()).isFalse();
    assertThat(rule.longestAbsence(MOST)).isEqualTo(Duration.ofHours(1));

    ended(StatusMeaning.ANSWERED, 1);
    assertThat(rule.longestAbsence(MOST)).isEqualTo(MOST);
    away(true, 601, false);

    assertThat(code()).contains(ErrorCode.HOST_UNREACHABLE);
  }

  @Test
  void anEndpointThatHasTakenARequestIsThere() {
    told.failed(new Failed(1, 0, 4, 4, -1));
    ended(StatusMeaning.CONNECTION_LOST, 1);
    ended(StatusMeaning.UNREACHABLE, 4);

    away(true, 600, false);
    assertThat(rule.isStopped()).isFalse();
    away(true, 601, false);
    assertThat(rule.isStopped()).isTrue();
  }

  @Test
  void theFirstReasonStays() {
    rule.drain();
    assertThat(rule.isStopped()).isTrue();
    assertThat(rule.reason()).isEmpty();

    rule.stop(ErrorCode.HOST_UNREACHABLE, "first");
    rule.stop(ErrorCode.MODEL_NOT_FOUND, "second");

    assertThat(rule.reason()).contains(new StopReason(ErrorCode.HOST_UNREACHABLE, "first"));
  }
}

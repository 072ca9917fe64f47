package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaReply.Elsewhere;
import io.batchinfer.quota.ReplicaReport.Round;
import io.batchinfer.quota.ReplicaReport.Silence;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Processes all of whose connections lie unanswered, and those that make way for them. */
class AttemptsLeftLyingTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long USUAL = SECOND / 10;

  private final QuotaAuthority run = WatchedReplicas.run(true);
  private final Replicas replicas = new Replicas();
  private final AttemptsLeftLying lying = new AttemptsLeftLying(replicas);
  private final Reporter helpless = new Reporter("helpless");
  private final Reporter served = new Reporter("served");
  private final Reporter alsoServed = new Reporter("also served");
  private long now = 1_000 * SECOND;

  /** One process at one replica. */
  private final class Reporter {
    private final Told told;
    private final ProcessView session;
    private long timeouts;

    Reporter(String name) {
      told = new Told(name);
      session = run.process(name, 0);
    }

    /** Reports; returns what it is told of the replica. */
    Elsewhere report(int inFlight, int silent, int leftLying, long usualNanos) {
      told.replicas =
          List.of(
              new ReplicaReport(
                  "replica",
                  0,
                  new UnderWay(inFlight, silent, leftLying),
                  0,
                  Round.NONE,
                  new Silence(timeouts, usualNanos),
                  ReplicaSigns.NONE));
      QuotaRequest request = told.message();
      session.reports(replicas.reportedBy(session, told.replicas));
      lying.report(request, session, now);
      session.report(request, now);
      return lying.elsewhere(session, session.replicas().get(0), List.of(run), now);
    }

    Elsewhere serves(int inFlight) {
      return report(inFlight, 0, 0, USUAL);
    }
  }

  @BeforeEach
  void bothAreServed() {
    served.serves(8);
    alsoServed.serves(8);
  }

  @Test
  void nobodyMakesWayWhileNothingLies() {
    assertThat(helpless.report(4, 4, 0, 0).makeWay()).as("they may be answered yet").isZero();
    assertThat(served.serves(8).makeWay()).isZero();
  }

  @Test
  void howLongAnswersTakeIsToldToWhoDoesNotKnow() {
    assertThat(helpless.report(4, 4, 4, 0).usualNanos()).isEqualTo(USUAL);
    assertThat(served.report(8, 0, 0, 3 * USUAL).usualNanos()).isEqualTo(3 * USUAL);
    assertThat(helpless.report(4, 4, 4, 0).usualNanos()).isEqualTo(3 * USUAL);
  }

  @Test
  void thoseThatAreServedMakeWayInProportion() {
    assertThat(helpless.report(4, 4, 4, 0).makeWay()).as("it has none that could").isZero();

    assertThat(served.serves(24).makeWay()).as("24 of 32 for 4").isEqualTo(3);
    assertThat(alsoServed.serves(8).makeWay()).as("8 of 32").isOne();
  }

  @Test
  void whoIsPartlyServedIsNotHelplessAndMakesWayWithWhatIsServed() {
    assertThat(served.report(8, 4, 4, USUAL).makeWay()).isZero();

    helpless.report(4, 4, 4, 0);

    assertThat(served.report(8, 4, 4, USUAL).makeWay()).as("4 of 12 for 4").isEqualTo(2);
  }

  @Test
  void whoHasNothingUnderWayMakesWayByOneAtLeast() {
    helpless.report(4, 4, 4, 0);

    assertThat(served.serves(0).makeWay()).isOne();
  }

  @Test
  void whoMadeWayDoesNotDoSoAgainAtOnce() {
    helpless.report(4, 4, 4, 0);
    assertThat(served.serves(8).makeWay()).isEqualTo(2);

    now += SECOND / 2 - 1;
    assertThat(served.serves(8).makeWay()).isZero();
    now += 1;
    assertThat(served.serves(8).makeWay()).isEqualTo(2);
  }

  @Test
  void whereAnswersTakeLongItIsTwiceAsLongAsTheyTake() {
    served.report(8, 0, 0, SECOND);
    helpless.report(4, 4, 4, 0);
    assertThat(served.report(8, 0, 0, SECOND).makeWay()).isEqualTo(2);

    now += 2 * SECOND - 1;
    helpless.report(4, 4, 4, 0);
    assertThat(served.report(8, 0, 0, SECOND).makeWay()).isZero();
    now += 1;
    assertThat(served.report(8, 0, 0, SECOND).makeWay()).isEqualTo(2);
  }

  @Test
  void aSignOfThemIsOldAfterTwoSeconds() {
    helpless.report(4, 4, 4, 0);
    now += 2 * SECOND - 1;
    assertThat(served.serves(8).makeWay()).isPositive();

    now += 1;
    assertThat(alsoServed.serves(8).makeWay()).isZero();
  }

  @Test
  void whoIsServedAgainIsNoReason() {
    helpless.report(4, 4, 4, 0);
    helpless.serves(4);

    assertThat(served.serves(8).makeWay()).isZero();
  }

  private void answered(int count) {
    served.told.ended(StatusMeaning.ANSWERED, count);
    served.serves(8);
  }

  private void timedOut(int count) {
    helpless.timeouts += count;
    helpless.report(4, 4, 4, 0);
  }

  @Test
  void theUserIsToldOnceHowManyTheEndpointServes() {
    answered(1);
    timedOut(8);
    now += 5 * SECOND - 1;
    answered(200);
    assertThat(lying.tell()).as("not counted for long enough").isEmpty();
    now += 1;
    answered(199);

    Optional<String> word = lying.tell();

    assertThat(word.orElseThrow())
        .startsWith("8 requests timed out on connections on which the endpoint had never answered")
        .contains("only so many connections at once, about 8,", "Set --concurrency 8,");
    timedOut(8);
    assertThat(lying.tell()).isEmpty();
  }

  @Test
  void fewTimeOutsAreNoPattern() {
    answered(1);
    now += 5 * SECOND;
    answered(399);
    timedOut(7);
    assertThat(lying.tell()).isEmpty();

    timedOut(1);
    assertThat(lying.tell()).isPresent();
  }

  @Test
  void whereNothingIsAnsweredItIsAnotherMatter() {
    timedOut(100);
    now += 60 * SECOND;
    timedOut(100);

    assertThat(lying.tell()).isEmpty();
  }

  @Test
  void answersAreCountedFromTheFirstOn() {
    now += 100 * SECOND;
    answered(1);
    timedOut(8);
    now += 5 * SECOND;
    answered(399);

    assertThat(lying.tell().orElseThrow()).contains("--concurrency 8,");
  }

  @Test
  void theRateThatIsToldIsTheLatest() {
    answered(1);
    now += 5 * SECOND;
    answered(399);
    now += 5 * SECOND;
    answered(1_000);
    timedOut(8);

    assertThat(lying.tell().orElseThrow()).contains("--concurrency 20,");
  }
}

package io.batchinfer.quota;

import static io.batchinfer.quota.EndsOfAttempts.answered;
import static io.batchinfer.quota.EndsOfAttempts.broken;
import static io.batchinfer.quota.EndsOfAttempts.refused;
import static io.batchinfer.quota.EndsOfAttempts.row;
import static io.batchinfer.quota.EndsOfAttempts.rowOf;
import static io.batchinfer.quota.EndsOfAttempts.status;
import static io.batchinfer.quota.EndsOfAttempts.timedOut;
import static io.batchinfer.quota.EndsOfAttempts.withoutAddress;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Attempt;
import io.batchinfer.policy.OutageVerdict;
import io.batchinfer.policy.RowOutages;
import io.batchinfer.quota.ReplicaGate.Judged;
import io.batchinfer.quota.ReplicaOrder.Bearer;
import io.batchinfer.quota.ReplicaOrder.Judgement;
import io.batchinfer.quota.ReplicaOrder.Ticket;
import io.batchinfer.quota.ReplicaOrder.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a process counts of a replica, keeps back, and makes of the driver's orders. */
class ReplicaGateTest {
  private static final long OUTAGE = 7;

  private final ReplicaGate gate = new ReplicaGate();
  private long now = 100;

  /** An attempt that was under way all the time. */
  private boolean ends(WaitingRow row, Attempt attempt) {
    return gate.ended(row, attempt, 0, 0, now++);
  }

  /** An attempt that began just before it ended. */
  private boolean triedAndEnds(WaitingRow row, Attempt attempt) {
    long began = now++;
    return gate.ended(row, attempt, 0, began, now++);
  }

  private void giveTicket(long number, boolean forSuspect) {
    List<Judged> none =
        take(
            new ReplicaOrder(
                false,
                1,
                new Ticket(number, forSuspect ? Bearer.SUSPECT : Bearer.ANY_ROW, true),
                new Verdict(0, Judgement.OUTAGE, OUTAGE)));
    assertThat(none).isEmpty();
  }

  private List<Judged> take(ReplicaOrder order) {
    return gate.take(order, gate.signs());
  }

  private List<Judged> judge(Judgement judgement, long upTo) {
    return take(new ReplicaOrder(false, 1, Ticket.NONE, new Verdict(upTo, judgement, OUTAGE)));
  }

  private OutageVerdict verdict(Judgement judgement) {
    List<Judged> judged = judge(judgement, gate.signs().failures());
    assertThat(judged).isNotEmpty();
    return judged.get(judged.size() - 1).verdict();
  }

  private static Attempt end(String name) {
    return switch (name) {
      case "broken" -> broken();
      case "refused" -> refused();
      default -> status(Integer.parseInt(name));
    };
  }

  @Test
  void whatWasAnsweredIsNobodysToJudge() {
    assertThat(ends(row(), answered())).isFalse();
    assertThat(ends(row(), status(429))).isFalse();

    assertThat(gate.hasUnjudged()).isFalse();
    assertThat(gate.signs().alive()).isEqualTo(2);
    assertThat(gate.signs().failures()).isZero();
    assertThat(gate.isOpen()).isTrue();
  }

  @Test
  void aTimeOutSaysNothing() {
    assertThat(ends(row(), timedOut())).isFalse();

    assertThat(gate.signs()).isEqualTo(ReplicaSigns.NONE);
  }

  @Test
  void failuresAreCountedByWhatTheySay() {
    assertThat(ends(row(), broken())).isTrue();
    assertThat(ends(row(), status(502))).isTrue();
    assertThat(ends(row(), status(503))).isTrue();
    assertThat(ends(row(), status(521))).isTrue();
    assertThat(gate.signs().failed().last()).isEqualTo(521);
    assertThat(ends(row(), refused())).isTrue();
    assertThat(gate.signs().failed().last()).isEqualTo(Sign.REFUSED);
    assertThat(ends(row(), withoutAddress())).isTrue();

    ReplicaSigns signs = gate.signs();
    assertThat(signs.failed().lost()).isEqualTo(2);
    assertThat(signs.failed().full()).isEqualTo(1);
    assertThat(signs.failed().gone()).isEqualTo(3);
    assertThat(signs.failed().refused()).isEqualTo(2);
    assertThat(signs.failed().last()).isEqualTo(Sign.UNKNOWN_HOST);
    assertThat(gate.isOpen()).as("all of them were under way").isTrue();
  }

  @Test
  void whatIsLostAfterOthersIsCountedAsFoundAwayAndHoldsTheRestBack() {
    ends(row(), broken());
    assertThat(gate.isOpen()).isTrue();
    triedAndEnds(row(), broken());

    assertThat(gate.signs().failed().lost()).isOne();
    assertThat(gate.signs().failed().gone()).isOne();
    assertThat(gate.signs().failed().refused()).isZero();
    assertThat(gate.isOpen()).isFalse();
  }

  @Test
  void whatBeganAtTheMomentOfTheFirstFailureWasUnderWay() {
    gate.ended(row(), broken(), 0, 0, 100);
    gate.ended(row(), broken(), 0, 100, 101);
    assertThat(gate.signs().failed().lost()).isEqualTo(2);

    gate.ended(row(), broken(), 0, 101, 102);
    assertThat(gate.signs().failed().lost()).isEqualTo(2);
    assertThat(gate.signs().failed().gone()).isOne();
  }

  @Test
  void anAnswerBetweenMakesTheNextFailureAFirstOne() {
    ends(row(), broken());
    triedAndEnds(row(), broken());
    assertThat(gate.isOpen()).isFalse();

    ends(row(), answered());

    assertThat(gate.isOpen()).isTrue();
    triedAndEnds(row(), broken());
    assertThat(gate.signs().failed().lost()).isEqualTo(2);
    assertThat(gate.isOpen()).isTrue();
  }

  @Test
  void itIsHeldUntilTheDriverHasHeardOfTheFailures() {
    ends(row(), broken());
    ReplicaSigns before = gate.signs();
    triedAndEnds(row(), broken());

    gate.take(ReplicaOrder.OPEN, before);
    assertThat(gate.isOpen()).as("the order does not know of the second").isFalse();

    gate.take(ReplicaOrder.OPEN, gate.signs());
    assertThat(gate.isOpen()).isTrue();
  }

  @Test
  void anOrderClosesAndOpensItAndAnOpenedOneBeginsAnew() {
    ends(row(), broken());
    assertThat(judge(Judgement.OUTAGE, 1)).hasSize(1);
    assertThat(gate.isOpen()).isFalse();
    assertThat(gate.signs().gate()).isOne();
    triedAndEnds(row(), broken());

    gate.take(ReplicaOrder.OPEN, ReplicaSigns.NONE);

    assertThat(gate.isOpen()).isTrue();
    assertThat(gate.signs().gate()).as("closings are never forgotten").isOne();
    triedAndEnds(row(), broken());
    assertThat(gate.signs().failed().lost()).isEqualTo(2);
    assertThat(gate.signs().failed().gone()).isOne();
  }

  /** By a failure that came while others were under way: each judgement's verdict on it. */
  @ParameterizedTest
  @CsvSource({
    "broken,OWN,OWN",
    "broken,OUTAGE,SHARED",
    "broken,COLD,SHARED",
    "broken,AGAIN,SHARED",
    "broken,CRASH,SHARED",
    "502,OWN,OWN",
    "502,OUTAGE,SHARED",
    "502,COLD,SHARED",
    "503,OWN,OWN",
    "503,OUTAGE,SHARED",
    "503,COLD,WAITED",
    "521,OWN,OWN",
    "521,OUTAGE,TURNED_AWAY",
    "521,COLD,WAITED",
    "refused,OWN,OWN",
    "refused,OUTAGE,WAITED",
    "refused,COLD,WAITED",
    "refused,AGAIN,WAITED"
  })
  void ofWhatWasUnderWay(String end, Judgement judgement, OutageVerdict verdict) {
    ends(row(), end(end));

    assertThat(verdict(judgement)).isEqualTo(verdict);
  }

  @ParameterizedTest
  @CsvSource({
    "broken,OWN,OWN", "broken,OUTAGE,RESET", "broken,COLD,COLD_RESET", "broken,AGAIN,RESET",
    "broken,CRASH,RESET", "502,OUTAGE,TURNED_AWAY", "502,COLD,WAITED", "503,OUTAGE,TURNED_AWAY",
    "503,COLD,WAITED", "refused,OUTAGE,WAITED", "refused,COLD,WAITED"
  })
  void ofWhatBeganAfterOthersHadFailed(String end, Judgement judgement, OutageVerdict verdict) {
    ends(row(), broken());
    triedAndEnds(row(), end(end));

    assertThat(verdict(judgement)).isEqualTo(verdict);
  }

  @ParameterizedTest
  @CsvSource({
    "0,broken,OWN,OWN",
    "0,broken,OUTAGE,RESET",
    "0,broken,COLD,COLD_RESET",
    "0,broken,AGAIN,SHARED",
    "1,broken,AGAIN,SHARED",
    "2,broken,AGAIN,CRASHED",
    "2,broken,CRASH,CRASHED",
    "2,broken,OUTAGE,RESET",
    "0,502,OUTAGE,TURNED_AWAY",
    "0,502,AGAIN,SHARED",
    "2,502,CRASH,CRASHED",
    "0,503,OUTAGE,TURNED_AWAY",
    "0,503,COLD,WAITED",
    "0,refused,OUTAGE,WAITED",
    "0,refused,COLD,WAITED",
    "2,refused,OUTAGE,WAITED"
  })
  void ofWhatATicketLetIn(int outages, String end, Judgement judgement, OutageVerdict verdict) {
    giveTicket(1, outages > 1);
    long ticket = gate.useTicket();
    gate.ended(rowOf(outages), end(end), ticket, 0, now);

    assertThat(verdict(judgement)).isEqualTo(verdict);
  }

  @Test
  void aLookThatIsLostIsCountedAsFoundAway() {
    giveTicket(1, false);
    gate.ended(row(), broken(), gate.useTicket(), 0, now);

    assertThat(gate.signs().failed().lost()).isZero();
    assertThat(gate.signs().failed().gone()).isOne();
  }

  @Test
  void aJudgementReachesTheFailuresThatItIsForInTheirOrder() {
    WaitingRow first = row();
    WaitingRow second = row();
    WaitingRow third = row();
    ends(first, broken());
    ends(second, broken());
    ends(third, broken());

    assertThat(judge(Judgement.OUTAGE, 0)).isEmpty();
    List<Judged> two = judge(Judgement.OUTAGE, 2);
    assertThat(two).extracting(Judged::row).containsExactly(first, second);
    assertThat(two)
        .allSatisfy(
            judged -> {
              assertThat(judged.verdict()).isEqualTo(OutageVerdict.SHARED);
              assertThat(judged.outage()).isEqualTo(OUTAGE);
            });
    assertThat(gate.signs().judged()).isEqualTo(2);
    assertThat(gate.hasUnjudged()).isTrue();

    assertThat(judge(Judgement.OUTAGE, 2)).as("the same order again").isEmpty();
    assertThat(judge(Judgement.OWN, 3)).extracting(Judged::row).containsExactly(third);
    assertThat(gate.hasUnjudged()).isFalse();
    assertThat(judge(Judgement.OWN, 9)).isEmpty();
    assertThat(gate.signs().judged()).isEqualTo(3);
  }

  @Test
  void whoWaitsForAnAttemptHearsOfItWithTheVerdict() {
    WaitingRow lost = row();
    WaitingRow turnedAway = row();
    ends(lost, broken());
    ends(turnedAway, status(503));

    judge(Judgement.OUTAGE, 2).forEach(Judged::complete);

    assertThat(lost.result()).isCompleted();
    assertThat(lost.outages().mayHaveRun()).isTrue();
    assertThat(lost.outages().next(1, 5, false)).isEqualTo(RowOutages.Next.AGAIN);
    assertThat(lost.outages().count()).isOne();
    assertThat(turnedAway.result()).isCompleted();
    assertThat(turnedAway.outages().mayHaveRun()).isFalse();
  }

  @Test
  void whatIsLetGoOfSpeaksForItself() {
    ends(row(), broken());
    ends(row(), broken());

    List<Judged> released = gate.release();

    assertThat(released).extracting(Judged::verdict).containsOnly(OutageVerdict.OWN).hasSize(2);
    assertThat(gate.hasUnjudged()).isFalse();
    assertThat(gate.signs().judged()).isEqualTo(2);
    assertThat(gate.release()).isEmpty();
  }

  @Test
  void aTicketLetsOneInOnce() {
    assertThat(gate.hasTicket()).isFalse();
    giveTicket(4, true);
    assertThat(gate.hasTicket()).isTrue();
    assertThat(gate.bearer()).isEqualTo(Bearer.SUSPECT);
    assertThat(gate.isTicketBeyondSlots()).isTrue();
    assertThat(gate.signs().ticket().number()).as("not used yet").isZero();

    assertThat(gate.useTicket()).isEqualTo(4);

    assertThat(gate.hasTicket()).isFalse();
    assertThat(gate.signs().ticket().number()).isEqualTo(4);
    assertThat(gate.signs().ticket().end()).as("under way").isNull();
    giveTicket(4, true);
    assertThat(gate.hasTicket()).as("an order that has not heard of its use").isFalse();
    giveTicket(5, false);
    assertThat(gate.hasTicket()).isTrue();
    assertThat(gate.bearer()).isEqualTo(Bearer.ANY_ROW);
  }

  @Test
  void aTicketThatIsAnothersByNowIsNoMore() {
    giveTicket(4, true);

    judge(Judgement.OUTAGE, 0);

    assertThat(gate.hasTicket()).isFalse();
    giveTicket(6, false);
    assertThat(gate.hasTicket()).isTrue();
  }

  @Test
  void howTheTicketsAttemptEndedIsTold() {
    giveTicket(4, false);
    long ticket = gate.useTicket();
    ends(row(), answered());
    assertThat(gate.signs().ticket().end()).as("another attempt").isNull();

    gate.ended(row(), timedOut(), ticket, 0, now);

    assertThat(gate.signs().ticket().end()).isEqualTo(Sign.NONE);
    giveTicket(5, false);
    long next = gate.useTicket();
    assertThat(gate.signs().ticket().end()).isNull();
    gate.ended(row(), broken(), ticket, 0, now);
    assertThat(gate.signs().ticket().end()).as("a ticket of before").isNull();
    gate.ended(row(), answered(), next, 0, now);
    assertThat(gate.signs().ticket().end()).isEqualTo(Sign.ALIVE);
  }
}

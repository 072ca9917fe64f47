package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who gets which moments of a rate, of those who ask for them. */
class RateSharesTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;

  private final VirtualTime time = new VirtualTime();
  private final EndpointQuota endpoint =
      new EndpointQuota(SimulatedCluster.concurrency(8), time, time);
  private final RunTurns turns = new RunTurns();
  private final long now = 100 * SECOND;

  /** About 9.9 rows a second. */
  private final RatePacer pacer = pacer(600, 0);

  private RateShares shares = new RateShares(pacer, turns);
  private int processes;

  private static RatePacer pacer(long requests, long tokens) {
    return new RatePacer(new QuotaLimits(1, requests, tokens, Duration.ofMinutes(1)), 0);
  }

  private QuotaAuthority run(QuotaGroup group) {
    QuotaAuthority run =
        new QuotaAuthority(
            endpoint,
            group,
            List.of(),
            Duration.ofSeconds(10),
            Duration.ofSeconds(600),
            () -> true);
    turns.join(run);
    return run;
  }

  private OpenQuestion asks(QuotaAuthority run, int most, Duration roundTrip, long... costs) {
    Told told = new Told("process-" + processes++);
    told.wantedRows = most;
    told.costs = costs;
    told.roundTripNanos = roundTrip.toNanos();
    OpenQuestion question = new OpenQuestion(run.process(told.process, now), told.message(), now);
    question.limitTo(most);
    shares.add(question);
    return question;
  }

  private OpenQuestion asks(QuotaAuthority run, int most) {
    return asks(run, most, Duration.ZERO);
  }

  private int rows(OpenQuestion question) {
    return question.rows(now).count();
  }

  /** Gives rows out for so long; those that ask are asked again each time. */
  private void pass(Duration duration) {
    for (long at = now; at < now + duration.toNanos(); at += 50 * MILLI) {
      shares.giveOut(at);
    }
  }

  @Test
  void aRowIsGivenOutOnlyShortlyBeforeItsMoment() {
    OpenQuestion question = asks(run(QuotaGroup.of(1)), 10);

    shares.giveOut(now);

    assertThat(question.rows(now).starts()).containsExactly(0);
    assertThat(shares.nextAt(now)).isEqualTo(now + SECOND * 60 / 594 - 100 * MILLI);
    shares.giveOut(shares.nextAt(now) - 1);
    assertThat(rows(question)).isOne();
    shares.giveOut(shares.nextAt(now));
    assertThat(question.rows(now).starts()).containsExactly(0, SECOND * 60 / 594);
  }

  @Test
  void noneIsGivenBeforeItsAnswerCanHaveArrived() {
    OpenQuestion far = asks(run(QuotaGroup.of(1)), 1, Duration.ofMillis(40));

    shares.giveOut(now);

    assertThat(far.rows(now).starts()).containsExactly(50 * MILLI);
    assertThat(far.aheadNanos()).isEqualTo(180 * MILLI);
  }

  @Test
  void anAbsurdRoundTripIsTakenForASecond() {
    OpenQuestion far = asks(run(QuotaGroup.of(1)), 1, Duration.ofMinutes(1));

    assertThat(far.aheadNanos()).isEqualTo(2_100 * MILLI);
    assertThat(far.earliest(now, now)).isEqualTo(now + 1_250 * MILLI);
  }

  @Test
  void whoIsNearIsNotServedLaterThanWhoIsFar() {
    QuotaAuthority run = run(QuotaGroup.of(1));
    OpenQuestion far = asks(run, 100, Duration.ofMillis(500));
    OpenQuestion near = asks(run, 100);

    pass(Duration.ofSeconds(10));

    assertThat(rows(far) - rows(near)).isBetween(-1, 1);
  }

  @Test
  void groupsHaveRowsByWeightHoweverManyRunsTheyAre() {
    QuotaGroup heavy = QuotaGroup.of(3);
    OpenQuestion first = asks(run(heavy), 1_000);
    OpenQuestion second = asks(run(heavy), 1_000);
    OpenQuestion light = asks(run(QuotaGroup.of(1)), 1_000);

    pass(Duration.ofSeconds(20));

    assertThat(rows(first) + rows(second)).isBetween(3 * rows(light) - 3, 3 * rows(light) + 3);
    assertThat(rows(first) - rows(second)).isBetween(-1, 1);
  }

  @Test
  void withinARunTheProcessThatWasServedTheFewestComesNext() {
    QuotaAuthority run = run(QuotaGroup.of(1));
    OpenQuestion first = asks(run, 1_000);
    for (int i = 0; i < 5; i++) {
      first.process().grantRow(0);
    }
    OpenQuestion second = asks(run, 1_000);
    for (int i = 0; i < 3; i++) {
      second.process().grantRow(0);
    }

    pass(Duration.ofSeconds(10));

    assertThat(first.process().served() - second.process().served()).isBetween(-1L, 1L);
  }

  @Test
  void whoMayHaveNoMoreLeavesTheRestToTheOthers() {
    QuotaAuthority run = run(QuotaGroup.of(1));
    OpenQuestion few = asks(run, 2);
    OpenQuestion many = asks(run, 1_000);
    OpenQuestion none = asks(run, 0);

    pass(Duration.ofSeconds(10));

    assertThat(rows(few)).isEqualTo(2);
    assertThat(rows(none)).isZero();
    assertThat(none.hasRows()).isFalse();
    assertThat(rows(many)).isBetween(96, 99);
  }

  @Test
  void aShareIsThatOfTheStretchLookedAheadAndOneMore() {
    RatePacer fast = pacer(60_000, 0);
    shares = new RateShares(fast, turns);

    // 995 rows a second are planned for, and 100 ms are looked ahead.
    for (int[] expected : new int[][] {{1, 101}, {10, 11}, {100, 2}, {0, 101}}) {
      OpenQuestion question = asks(run(QuotaGroup.of(1)), 1_000);
      shares.setShare(question, expected[0]);
      assertThat(mostRows(question)).as(expected[0] + " processes").isEqualTo(expected[1]);
    }
  }

  @Test
  void aShareIsNoMoreThanIsWantedAndThanOneAnswerHolds() {
    shares = new RateShares(pacer(60_000_000, 0), turns);
    OpenQuestion modest = asks(run(QuotaGroup.of(1)), 7);
    OpenQuestion greedy = asks(run(QuotaGroup.of(1)), 100_000);

    shares.setShare(modest, 1);
    shares.setShare(greedy, 1);

    assertThat(mostRows(modest)).isEqualTo(7);
    assertThat(mostRows(greedy)).isEqualTo(256);
  }

  private static int mostRows(OpenQuestion question) {
    int rows = 0;
    while (question.mayHaveAnother()) {
      question.take(rows++);
    }
    return rows;
  }

  @Test
  void aRowTakesTheTokensThatItCosts() {
    RatePacer tokens = pacer(0, 6_000);
    shares = new RateShares(tokens, turns);
    OpenQuestion question = asks(run(QuotaGroup.of(1)), 5, Duration.ZERO, 49, 980, 10);
    assertThat(question.meanCost()).isEqualTo((49 + 980 + 10) / 3);

    shares.giveOut(now);

    assertThat(question.rows(0).tokens()).as("half a second was saved up").containsExactly(49, 980);
    assertThat(question.costOfNext()).isEqualTo(10);
    assertThat(tokens.next(now)).isEqualTo(now + 10 * SECOND);
    shares.giveOut(now + 20 * SECOND);
    assertThat(question.rows(0).tokens())
        .as("the last cost is that of all further ones")
        .startsWith(49, 980, 10, 10, 10);
  }

  @Test
  void aRowAboveAWholeMinuteWaitsUntilNobodyElseWantsAny() {
    shares = new RateShares(pacer(0, 6_000), turns);
    QuotaAuthority run = run(QuotaGroup.of(1));
    OpenQuestion big = asks(run, 1, Duration.ZERO, 6_001);
    OpenQuestion small = asks(run, 2, Duration.ZERO, 10);
    shares.giveOut(now);
    assertThat(rows(small)).isEqualTo(2);
    assertThat(rows(big)).as("others still ask").isZero();

    small.limitTo(0);
    shares.giveOut(now);
    assertThat(rows(big)).as("not all tokens are saved up").isZero();
    shares.giveOut(now + SECOND);
    assertThat(rows(big)).isOne();
  }

  @Test
  void ofTwoRowsAboveAMinuteEachIsAlone() {
    shares = new RateShares(pacer(0, 6_000), turns);
    QuotaAuthority run = run(QuotaGroup.of(1));
    OpenQuestion first = asks(run, 1, Duration.ZERO, 7_000);
    OpenQuestion second = asks(run, 1, Duration.ZERO, 8_000);

    shares.giveOut(now);
    assertThat(rows(first) + rows(second)).isOne();
    shares.giveOut(now + 60 * SECOND);
    assertThat(rows(first) + rows(second)).isOne();
    shares.giveOut(now + 90 * SECOND);
    assertThat(rows(first) + rows(second)).isEqualTo(2);
  }

  @Test
  void withoutARateNobodyNeedsRows() {
    shares = new RateShares(pacer(0, 0), turns);
    OpenQuestion question = asks(run(QuotaGroup.of(1)), 10);

    shares.giveOut(now);

    assertThat(rows(question)).isZero();
  }

  @Test
  void theQuestionsOfARunThatEndsAreForgotten() {
    QuotaAuthority ending = run(QuotaGroup.of(1));
    asks(ending, 1);
    OpenQuestion staying = asks(run(QuotaGroup.of(1)), 1);
    asks(ending, 1);

    shares.forget(ending);

    List<OpenQuestion> left = new ArrayList<>();
    shares.forEach(left::add);
    assertThat(left).containsExactly(staying);
    assertThat(shares.removeAll()).containsExactly(staying);
    assertThat(shares.isEmpty()).isTrue();
  }

  @Test
  void costsThatAreNotCountedAreNone() {
    OpenQuestion question = asks(run(QuotaGroup.of(1)), 3);

    assertThat(question.meanCost()).isZero();
    assertThat(question.costOfNext()).isZero();
    question.take(now);
    assertThat(Arrays.stream(question.rows(0).tokens()).sum()).isZero();
  }
}

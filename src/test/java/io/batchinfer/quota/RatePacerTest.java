package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RatePacerTest {
  private static final long SECOND = 1_000_000_000L;

  private static RatePacer pacer(long requestsPerMinute, long tokensPerMinute) {
    return new RatePacer(
        new QuotaLimits(1, requestsPerMinute, tokensPerMinute, Duration.ofMinutes(1)), 0);
  }

  @Test
  void withoutLimitsAnythingGoesAtOnce() {
    RatePacer pacer = pacer(0, 0);

    assertThat(pacer.isUnlimited()).isTrue();
    assertThat(pacer.next(5)).isEqualTo(5);
    pacer.take(1_000_000, 5);
    pacer.refundTokens(1_000, 5);
    assertThat(pacer.next(5)).isEqualTo(5);
    assertThat(pacer.isFull(5)).isTrue();
    assertThat(pacer.isOversized(Long.MAX_VALUE)).isFalse();
    assertThat(pacer.requestsPerSecond()).isZero();
    assertThat(pacer.tokensPerMinute()).isZero();
    assertThat(pacer.rowsIn(Duration.ofSeconds(1), 1)).isEqualTo(1_000_000);
  }

  @ParameterizedTest
  @CsvSource({"600,594", "6000,5940", "10000,9940", "100000,99500"})
  void ofALimitOnRequestsASecondsWorthIsLeftWithinBounds(long limit, double planned) {
    assertThat(pacer(limit, 0).requestsPerSecond() * 60).isCloseTo(planned, within(0.01));
  }

  @Test
  void theFirstRowWaitsUntilWhatAPredecessorHadPlannedIsOut() {
    assertThat(pacer(600, 0).next(0)).isEqualTo(SECOND / 5);
    assertThat(pacer(0, 600).next(0)).isEqualTo(SECOND / 5);
    assertThat(pacer(600, 0).next(SECOND)).isEqualTo(SECOND);
  }

  @Test
  void requestsAreEvenlySpaced() {
    RatePacer pacer = pacer(600, 0);
    pacer.take(1_000, SECOND);

    assertThat(pacer.next(SECOND)).isEqualTo(SECOND + SECOND * 60 / 594);
    assertThat(pacer.isFull(SECOND)).as("tokens are not counted").isTrue();
  }

  @Test
  void aRowWaitsForBothItsRequestAndItsTokens() {
    RatePacer pacer = pacer(600, 6_000);
    assertThat(pacer.isUnlimited()).isFalse();

    pacer.take(980, 10 * SECOND);

    // 98 of 100 tokens a second are planned for; half a second's worth was saved up.
    assertThat(pacer.next(10 * SECOND)).isEqualTo(10 * SECOND + 19 * SECOND / 2);
    assertThat(pacer.next(30 * SECOND)).isEqualTo(30 * SECOND);
  }

  @Test
  void tokensThatComeBackAreThereAtOnceAndThoseOwedAreWaitedFor() {
    RatePacer pacer = pacer(0, 6_000);
    pacer.take(980, 10 * SECOND);

    pacer.refundTokens(490, 10 * SECOND);
    assertThat(pacer.next(10 * SECOND)).isEqualTo(10 * SECOND + 9 * SECOND / 2);

    pacer.refundTokens(-98, 10 * SECOND);
    assertThat(pacer.next(10 * SECOND)).isEqualTo(10 * SECOND + 11 * SECOND / 2);

    pacer.refundTokens(1_000_000, 10 * SECOND);
    assertThat(pacer.next(10 * SECOND)).as("the past is not caught up").isEqualTo(10 * SECOND);
  }

  @Test
  void noMoreThanHalfASecondOfTokensIsSavedUp() {
    RatePacer pacer = pacer(0, 6_000);
    assertThat(pacer.isFull(SECOND / 5)).isFalse();
    assertThat(pacer.isFull(100 * SECOND)).isTrue();

    pacer.take(49, 100 * SECOND);
    assertThat(pacer.next(100 * SECOND)).as("saved up").isEqualTo(100 * SECOND);
    assertThat(pacer.isFull(100 * SECOND)).isFalse();
    pacer.take(49, 100 * SECOND);
    assertThat(pacer.next(100 * SECOND)).isEqualTo(100 * SECOND + SECOND / 2);
  }

  @Test
  void onlyARowAboveAWholeMinuteIsOversized() {
    RatePacer pacer = pacer(0, 6_000);

    assertThat(pacer.tokensPerMinute()).isEqualTo(6_000);
    assertThat(pacer.isOversized(6_000)).isFalse();
    assertThat(pacer.isOversized(6_001)).isTrue();
    assertThat(pacer(600, 0).isOversized(1_000_000)).isFalse();
  }

  @Test
  void rowsInAStretchOfTimeAreThoseOfTheTighterLimit() {
    Duration tenSeconds = Duration.ofSeconds(10);

    assertThat(pacer(600, 0).rowsIn(tenSeconds, 1_000_000)).isEqualTo(99);
    assertThat(pacer(0, 6_000).rowsIn(tenSeconds, 98)).isEqualTo(10);
    assertThat(pacer(600, 6_000).rowsIn(tenSeconds, 98)).isEqualTo(10);
    assertThat(pacer(600, 6_000).rowsIn(tenSeconds, 1)).isEqualTo(99);
    assertThat(pacer(0, 6_000).rowsIn(tenSeconds, 0)).as("of unknown cost").isEqualTo(980);
    assertThat(pacer(0, 6_000).rowsIn(Duration.ofMillis(1), 10_000)).as("at least").isOne();
  }

  @Test
  void otherLimitsHoldFromThenOn() {
    RatePacer pacer = pacer(60_000, 0);

    pacer.limitTokens(600, 10 * SECOND);
    pacer.limitRequests(60, 10 * SECOND);

    assertThat(pacer.next(10 * SECOND)).isEqualTo(10 * SECOND + SECOND / 5);
    pacer.take(1, 11 * SECOND);
    assertThat(pacer.next(11 * SECOND)).isEqualTo(11 * SECOND + (long) (SECOND / 0.99));
    assertThat(pacer.isOversized(601)).isTrue();

    pacer.limitRequests(0, 11 * SECOND);
    pacer.limitTokens(0, 11 * SECOND);
    assertThat(pacer.isUnlimited()).isTrue();
  }
}

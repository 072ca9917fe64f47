package io.batchinfer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryRuleTest {
  private static final Optional<Duration> NOTHING_SAID = Optional.empty();

  private final RetryRule rule = new RetryRule(5, 1, () -> 0.5);

  @ParameterizedTest
  @CsvSource({"1,0,500", "2,0,1000", "3,1,4000", "1,5,16000", "1,7,30000", "4,100,30000"})
  void pausesDoubleUpToHalfAMinute(int counted, int throttled, long millis) {
    assertThat(rule.next(StatusMeaning.THROTTLED, counted, 0, throttled, NOTHING_SAID))
        .contains(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @CsvSource({"0.0,500", "0.5,1000", "0.9,1400"})
  void pausesAreSpreadAroundTheirLength(double chance, long millis) {
    RetryRule spread = new RetryRule(5, 1, () -> chance);

    assertThat(spread.next(StatusMeaning.SERVER_ERROR, 2, 0, 0, NOTHING_SAID))
        .contains(Duration.ofMillis(millis));
  }

  @Test
  void withoutAWordTheChanceIsReal() {
    RetryRule real = new RetryRule(5, 1);
    RetryRule patient = new RetryRule(5, 1, true);

    assertThat(
            IntStream.range(0, 50)
                .mapToObj(any -> real.next(StatusMeaning.SERVER_ERROR, 1, 0, 0, NOTHING_SAID))
                .distinct())
        .hasSizeGreaterThan(5);
    assertThat(
            IntStream.range(0, 50)
                .mapToObj(any -> patient.next(StatusMeaning.SERVER_ERROR, 1, 0, 0, NOTHING_SAID))
                .distinct())
        .hasSizeGreaterThan(5);
  }

  @Test
  void attemptsThatCountHaveAnEnd() {
    assertThat(rule.next(StatusMeaning.SERVER_ERROR, 4, 0, 0, NOTHING_SAID)).isPresent();
    assertThat(rule.next(StatusMeaning.SERVER_ERROR, 5, 0, 0, NOTHING_SAID)).isEmpty();
  }

  @Test
  void whatMayHaveRunIsRepeatedOnceAndWithinTheAttempts() {
    assertThat(rule.next(StatusMeaning.CONNECTION_LOST, 1, 1, 0, NOTHING_SAID)).isPresent();
    assertThat(rule.next(StatusMeaning.CONNECTION_LOST, 2, 2, 0, NOTHING_SAID)).isEmpty();
    assertThat(rule.next(StatusMeaning.CONNECTION_LOST, 5, 1, 0, NOTHING_SAID)).isEmpty();
  }

  @Test
  void whoIsPutOffIsPutOffTwoHundredTimes() {
    assertThat(rule.next(StatusMeaning.THROTTLED, 0, 0, 199, NOTHING_SAID)).isPresent();
    assertThat(rule.next(StatusMeaning.THROTTLED, 0, 0, 200, NOTHING_SAID)).isEmpty();
  }

  @Test
  void whatTheEndpointAsksForIsDone() {
    Optional<Duration> told = Optional.of(Duration.ofMinutes(3));

    assertThat(rule.next(StatusMeaning.THROTTLED, 0, 0, 1, told)).isEqualTo(told);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "29,29", "30,30", "180,30"})
  void whatItAsksOfOneRowAloneHoldsNoJobOpen(long told, long waited) {
    assertThat(
            rule.next(
                StatusMeaning.THROTTLED_ALONE, 0, 0, 1, Optional.of(Duration.ofSeconds(told))))
        .contains(Duration.ofSeconds(waited));
  }

  @Test
  void outagesAreAskedWithTheRunsOwnLimits() {
    RowHistory history = new Neighbours().newRow();
    history.outages().judged(OutageVerdict.SHARED, 1, true);

    assertThat(rule.afterOutage(history.outages())).isEqualTo(RowOutages.Next.AGAIN);
    assertThat(history.outages().count()).isEqualTo(1);
    history.outages().judged(OutageVerdict.SHARED, 2, true);
    assertThat(new RetryRule(5, 0).afterOutage(history.outages()))
        .isEqualTo(RowOutages.Next.GIVE_UP);
  }

  @Test
  void answersThatDoNotFitAreRepairedAsOftenAsToldAndWithinTheAttempts() {
    RetryRule repairing = rule.withRepairs(2);

    assertThat(rule.repairs(1, 0)).isFalse();
    assertThat(repairing.repairs(1, 0)).isTrue();
    assertThat(repairing.repairs(4, 1)).isTrue();
    assertThat(repairing.repairs(4, 2)).isFalse();
    assertThat(repairing.repairs(5, 1)).isFalse();
    assertThat(repairing.next(StatusMeaning.SERVER_ERROR, 4, 0, 0, NOTHING_SAID)).isPresent();
    assertThat(repairing.next(StatusMeaning.SERVER_ERROR, 5, 0, 0, NOTHING_SAID)).isEmpty();
  }

  @Test
  void whatOneRowIsToldHoldsItForHalfAMinuteAtMost() {
    Optional<Duration> told = Optional.of(Duration.ofSeconds(30).minusMillis(1));

    assertThat(rule.next(StatusMeaning.ABOVE_LIMIT, 1, 0, 0, told)).isEqualTo(told);
    assertThat(rule.next(StatusMeaning.ABOVE_LIMIT, 1, 0, 0, Optional.of(Duration.ofHours(1))))
        .contains(Duration.ofSeconds(30));
    assertThat(rule.next(StatusMeaning.THROTTLED, 1, 0, 1, Optional.of(Duration.ofHours(1))))
        .contains(Duration.ofHours(1));
  }
}

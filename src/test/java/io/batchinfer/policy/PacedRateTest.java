package io.batchinfer.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacedRateTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void momentsAreEvenlySpaced() {
    PacedRate rate = new PacedRate(600, 0, 0);
    List<Long> moments = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      moments.add(rate.next(0));
      rate.take(1, moments.get(i));
    }

    assertThat(moments).containsExactly(0L, SECOND / 10, 2 * SECOND / 10, 3 * SECOND / 10);
  }

  @Test
  void momentsThatPassedAreGone() {
    PacedRate rate = new PacedRate(600, 0, 0);
    rate.take(1, rate.next(0));

    assertThat(rate.next(10 * SECOND)).isEqualTo(10 * SECOND);
    rate.take(1, 10 * SECOND);
    assertThat(rate.next(10 * SECOND)).isEqualTo(10 * SECOND + SECOND / 10);
  }

  @Test
  void noMoreThanTheSlackIsSavedUp() {
    PacedRate rate = new PacedRate(6_000, SECOND / 2, 0);
    rate.next(20 * SECOND);
    int atOnce = 0;
    while (rate.next(20 * SECOND) <= 20 * SECOND) {
      rate.take(1, 20 * SECOND - SECOND / 2);
      atOnce++;
    }

    assertThat(atOnce).isEqualTo(51);
  }

  @Test
  void whatCostLessIsGivenBackAndWhatCostMoreIsCharged() {
    PacedRate rate = new PacedRate(60, 0, 0);
    rate.take(10, 0);
    assertThat(rate.next(0)).isEqualTo(10 * SECOND);

    rate.refund(6, 0);
    assertThat(rate.next(0)).isEqualTo(4 * SECOND);
    rate.refund(-3, 0);
    assertThat(rate.next(0)).isEqualTo(7 * SECOND);
    rate.refund(100, SECOND);
    assertThat(rate.next(SECOND)).isEqualTo(SECOND);
  }

  @Test
  void aRateOfNothingIsRefused() {
    assertThatThrownBy(() -> new PacedRate(0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("above zero");
  }

  @Test
  void aStretchOfTimeHoldsItsShareOfAMinute() {
    PacedRate rate = new PacedRate(600, 0, 0);

    assertThat(rate.unitsIn(SECOND)).isEqualTo(10);
    assertThat(rate.unitsIn(SECOND / 20)).isEqualTo(0.5);
    assertThat(rate.unitsIn(0)).isZero();
  }

  @Test
  void nothingIsGivenBackBeyondTheSlack() {
    PacedRate rate = new PacedRate(60, 2 * SECOND, 100 * SECOND);
    rate.refund(50, 100 * SECOND);
    assertThat(rate.next(100 * SECOND)).isEqualTo(98 * SECOND);

    rate.refund(-3, 100 * SECOND);
    assertThat(rate.next(100 * SECOND)).isEqualTo(101 * SECOND);
  }
}

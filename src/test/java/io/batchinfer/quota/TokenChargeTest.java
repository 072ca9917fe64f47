package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenChargeTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long WINDOW = 60 * SECOND;

  private final TokenCharge charge = new TokenCharge();
  private long now;

  private void answers(int count, long used) {
    for (int i = 0; i < count; i++) {
      charge.settle(100, 100, used);
    }
  }

  /** A minute of which so many seconds are pauses. */
  private void minute(long pausedSeconds) {
    now += WINDOW;
    // What the last minute was is looked at with the first pause of the next.
    charge.paused(0, now);
    charge.paused(pausedSeconds * SECOND, now);
  }

  @Test
  void fewAnswersTellNothing() {
    answers(7, 50);
    assertThat(charge.of(100)).isEqualTo(100);

    answers(1, 50);
    assertThat(charge.of(100)).isEqualTo(50);
  }

  @Test
  void estimatesThatWereTooLowAreRaisedAsWell() {
    answers(8, 300);

    assertThat(charge.of(100)).isEqualTo(300);
    assertThat(charge.of(10)).isEqualTo(30);
  }

  @Test
  void aRowIsNeverFree() {
    answers(8, 0);

    assertThat(charge.of(100)).isOne();
  }

  @Test
  void rowsOfWhichNothingIsEstimatedAreChargedAsTheyAre() {
    for (int i = 0; i < 20; i++) {
      charge.settle(0, 0, 10);
    }

    assertThat(charge.of(100)).isEqualTo(100);
  }

  @Test
  void newAnswersOutweighOldOnes() {
    answers(2_000, 50);
    answers(2_000, 200);

    assertThat(charge.of(100)).isEqualTo(200);
  }

  @Test
  void anOldAnswerCountsAThirdAfterTwoHundred() {
    answers(5_000, 0);
    answers(200, 100);

    assertThat(charge.of(100)).isBetween(62L, 65L);
  }

  @Test
  void anAnswerGivesBackWhatItDidNotUseAndOwesWhatItUsedBeyond() {
    assertThat(charge.settle(100, 80, 30)).isEqualTo(50);
    assertThat(charge.settle(100, 80, 130)).isEqualTo(-50);
    assertThat(charge.settle(100, 80, 80)).isZero();
  }

  @Test
  void anEndpointThatMakesOnePauseForMuchOfTheTimeIsTrustedLess() {
    answers(8, 20);
    minute(19);
    assertThat(charge.of(100)).as("while the minute lasts").isEqualTo(20);

    minute(19);
    assertThat(charge.of(100)).isEqualTo(40);
    assertThat(charge.settle(100, 100, 20)).as("a quarter stays taken").isEqualTo(60);
    minute(19);
    assertThat(charge.of(100)).isEqualTo(60);
    minute(19);
    minute(19);
    minute(19);
    assertThat(charge.of(100)).as("as estimated, and no more than that").isEqualTo(100);
    assertThat(charge.settle(100, 100, 20)).isZero();
  }

  @Test
  void trustComesBackWithMinutesOfFewPauses() {
    answers(8, 20);
    minute(19);
    minute(8);
    assertThat(charge.of(100)).isEqualTo(40);

    minute(8);
    assertThat(charge.of(100)).isEqualTo(32);
    minute(8);
    minute(8);
    minute(8);
    assertThat(charge.of(100)).as("and is never more than whole").isEqualTo(20);
  }

  @Test
  void minutesInBetweenChangeNothing() {
    answers(8, 20);
    minute(19);
    for (long seconds : new long[] {9, 18, 12}) {
      minute(seconds);
      assertThat(charge.of(100)).isEqualTo(40);
    }
    minute(0);
    assertThat(charge.of(100)).isEqualTo(40);
  }

  @Test
  void pausesWithinAMinuteAddUp() {
    answers(8, 20);
    for (int second = 0; second < 10; second++) {
      charge.paused(2 * SECOND, second * SECOND);
    }
    charge.paused(0, WINDOW - 1);
    assertThat(charge.of(100)).isEqualTo(20);

    charge.paused(0, WINDOW);
    assertThat(charge.of(100)).isEqualTo(40);
  }
}

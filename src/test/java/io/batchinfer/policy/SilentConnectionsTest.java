package io.batchinfer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.policy.SilentConnections.Silence;
import org.junit.jupiter.api.Test;

class SilentConnectionsTest {
  private static final long SECOND = 1_000_000_000L;

  private final SilentConnections silent = new SilentConnections();

  @Test
  void withoutSilentOnesNothingMakesWay() {
    silent.answered(SECOND, true);
    Silence answered = silent.begin(0);
    silent.end(answered);

    assertThat(silent.none()).isTrue();
    assertThat(silent.makesWay(true, 100 * SECOND)).isFalse();
    assertThat(silent.makesWay(false, 100 * SECOND)).isFalse();
    assertThat(silent.overdue(100 * SECOND)).isZero();
  }

  @Test
  void whileNobodyWasAnsweredNothingMakesWay() {
    Silence unused = silent.begin(0);

    assertThat(silent.makesWay(true, 100 * SECOND)).isFalse();
    assertThat(silent.overdue(100 * SECOND)).isZero();
    assertThat(silent.count()).isEqualTo(1);
  }

  @Test
  void afterTwiceTheUsualTimeOneMakesWayForEachAndThenLessAndLessOften() {
    silent.answered(SECOND, true);
    Silence first = silent.begin(0);
    Silence second = silent.begin(0);

    assertThat(silent.makesWay(true, 2 * SECOND - 1)).isFalse();
    assertThat(silent.makesWay(true, 2 * SECOND)).isTrue();
    assertThat(silent.makesWay(true, 2 * SECOND)).isTrue();
    assertThat(silent.makesWay(true, 2 * SECOND)).isFalse();
    silent.end(second);
    assertThat(silent.makesWay(true, 6 * SECOND - 1)).isFalse();
    assertThat(silent.makesWay(true, 6 * SECOND)).isTrue();
    assertThat(silent.makesWay(true, 14 * SECOND - 1)).isFalse();
    assertThat(silent.makesWay(true, 14 * SECOND)).isTrue();
    silent.end(first);
    assertThat(silent.makesWay(true, 1_000 * SECOND)).isFalse();
  }

  @Test
  void aShortPauseIsNoSignUnlessAConnectionIsIdleAnyway() {
    silent.answered(SECOND / 1_000, true);
    Silence unused = silent.begin(0);

    assertThat(silent.makesWay(true, SECOND / 2 - 1)).isFalse();
    assertThat(silent.makesWay(false, SECOND / 20 - 1)).isFalse();
    assertThat(silent.makesWay(false, SECOND / 20)).isTrue();
  }

  @Test
  void whatIsLeftLyingIsCounted() {
    silent.answered(SECOND, true);
    Silence early = silent.begin(0);
    Silence late = silent.begin(SECOND);

    assertThat(silent.overdue(2 * SECOND)).isZero();
    assertThat(silent.overdue(2 * SECOND + 1)).isEqualTo(1);
    assertThat(silent.overdue(4 * SECOND)).isEqualTo(2);
    silent.end(early);
    silent.end(late);
    assertThat(silent.overdue(4 * SECOND)).isZero();
  }

  @Test
  void theWaitForTheServersTurnIsNotUsual() {
    silent.answered(9 * SECOND, false);
    assertThat(silent.usualNanos()).isEqualTo(9 * SECOND);

    silent.answered(SECOND, true);
    silent.answered(9 * SECOND, false);

    assertThat(silent.usualNanos()).isEqualTo(SECOND);
  }

  @Test
  void connectionsMakeWayForThoseOfOtherProcesses() {
    int[] told = {0};
    silent.whenOwed(() -> told[0]++);
    silent.hear(SECOND, 2);

    assertThat(told[0]).isEqualTo(1);
    assertThat(silent.none()).isFalse();
    assertThat(silent.makesWay(true, 0)).isTrue();
    assertThat(silent.makesWay(true, 0)).isTrue();
    assertThat(silent.makesWay(true, 0)).isFalse();
    assertThat(silent.usualNanos()).isEqualTo(SECOND);
    silent.hear(5 * SECOND, 0);
    assertThat(silent.usualNanos()).isEqualTo(SECOND);
  }

  @Test
  void theUsualTimeFollowsTheAnswersSlowly() {
    assertThat(silent.usualNanos()).isZero();
    silent.answered(0, false);
    assertThat(silent.usualNanos()).as("known").isEqualTo(1);

    silent.answered(SECOND, true);
    assertThat(silent.usualNanos()).as("the first of its kind").isEqualTo(SECOND);
    silent.answered(9 * SECOND, true);
    assertThat(silent.usualNanos()).isEqualTo(SECOND + SECOND / 2);
    silent.answered(SECOND, true);
    assertThat(silent.usualNanos()).isEqualTo(SECOND + SECOND / 2 - SECOND / 32);
    silent.answered(100 * SECOND, false);
    assertThat(silent.usualNanos()).as("a new connection waited").isLessThan(2 * SECOND);
  }

  @Test
  void whatOthersSawHoldsUntilOneIsAnsweredHere() {
    silent.hear(0, 0);
    assertThat(silent.usualNanos()).isZero();
    silent.hear(SECOND, 0);
    silent.hear(7 * SECOND, 0);
    assertThat(silent.usualNanos()).isEqualTo(SECOND);
    assertThat(silent.makesWay(true, SECOND)).as("nothing is owed").isFalse();

    int[] told = {0};
    silent.whenOwed(() -> told[0]++);
    silent.hear(0, 2);
    assertThat(told[0]).isEqualTo(1);
    assertThat(silent.none()).isFalse();
    assertThat(silent.makesWay(true, SECOND)).isTrue();
    assertThat(silent.makesWay(false, SECOND)).isTrue();
    assertThat(silent.makesWay(true, SECOND)).isFalse();
    silent.hear(0, 0);
    assertThat(told[0]).isEqualTo(1);
  }
}

package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A ticker may begin anywhere, also below zero. */
class ThrottlePauseTest {
  private static final long SECOND = 1_000_000_000L;

  private final ThrottlePause pause = new ThrottlePause();

  @ParameterizedTest
  @ValueSource(longs = {0, -3 * SECOND, Long.MIN_VALUE / 2, Long.MAX_VALUE - 5 * SECOND})
  void refusalsDuringAPauseBeginNoOther(long from) {
    assertThat(pause.begin(from)).isEqualTo(SECOND);
    assertThat(pause.begin(from)).isZero();
    assertThat(pause.begin(from + SECOND - 1)).isZero();
    assertThat(pause.begin(from + SECOND)).isEqualTo(2 * SECOND);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -30 * SECOND, Long.MAX_VALUE - 15 * SECOND})
  void itGetsLongerOnlyOnceAndIsShortAgainAfterTenQuietSeconds(long from) {
    assertThat(pause.begin(from)).isEqualTo(SECOND);
    assertThat(pause.begin(from + SECOND)).isEqualTo(2 * SECOND);
    assertThat(pause.begin(from + 3 * SECOND)).as("no longer than that").isEqualTo(2 * SECOND);

    assertThat(pause.begin(from + 15 * SECOND - 1)).isEqualTo(2 * SECOND);
    assertThat(pause.begin(from + 27 * SECOND - 1)).isEqualTo(SECOND);
  }
}

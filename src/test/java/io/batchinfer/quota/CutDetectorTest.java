package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CutDetectorTest {
  private static final long SECOND = 1_000_000_000L;

  private final CutDetector detector = new CutDetector();

  @Test
  void requestsCutAfterTheSameTimeAreRecognised() {
    Random random = new Random(1);
    for (int i = 0; i < 8; i++) {
      detector.cutAfter(60 * SECOND + random.nextInt((int) SECOND));
    }

    assertThat(detector.cutAfter()).isBetween(60 * SECOND, 61 * SECOND);
  }

  @Test
  void cutsAtAllTimesAreNoLimit() {
    for (int i = 0; i < 20; i++) {
      detector.cutAfter((20 + 3L * i) * SECOND);
    }

    assertThat(detector.cutAfter()).isZero();
  }

  @Test
  void aFewCutsSayNothing() {
    for (int i = 0; i < 7; i++) {
      detector.cutAfter(60 * SECOND);
    }

    assertThat(detector.cutAfter()).isZero();
  }

  @Test
  void connectionsThatAreLostAtOnceAreNoTimeLimit() {
    for (int i = 0; i < 20; i++) {
      detector.cutAfter(SECOND / 100);
    }

    assertThat(detector.cutAfter()).isZero();
  }
}

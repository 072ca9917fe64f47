package io.batchinfer.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AxisTest {
  @Test
  void marksAreRoundAndReachTheLargestValue() {
    assertThat(Axis.upTo(503, 4).marks()).containsExactly(0.0, 200.0, 400.0, 600.0);
    assertThat(Axis.upTo(600, 4).end()).isEqualTo(600);
    assertThat(Axis.upTo(0, 4).share(0)).isZero();
  }

  @Test
  void timeIsMarkedInSecondsMinutesAndDays() {
    assertThat(Axis.ofTime(61_000, 8).marks()).contains(10_000.0, 60_000.0).hasSize(7);
    assertThat(Axis.ofTime(40 * 86_400e3, 8).marks()).contains(5 * 86_400e3).hasSize(9);
  }

  @Test
  void anyValueFindsRoomUnderFewMarks() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 1_000; i++) {
      double max = Math.pow(10, random.nextDouble() * 18 - 6);
      Axis axis = Axis.upTo(max, 4);
      assertThat(axis.end()).as("seed %d, %s", seed, max).isGreaterThanOrEqualTo(max * (1 - 1e-6));
      assertThat(axis.marks()).as("seed %d, %s", seed, max).hasSizeBetween(2, 6);
      assertThat(Axis.ofTime(1 + max, 8).marks()).as("seed %d, %s", seed, max).hasSizeBetween(1, 9);
    }
  }
}

package io.batchinfer.report.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchinfer.course.TokenHistogram;
import io.batchinfer.model.LatencyHistogram;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SpreadTest {
  /** A class is half an octave wide. */
  private static final double WIDTH = Math.sqrt(2);

  @Test
  void quantilesAreWithinAClassOfTheTrueOnes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    double[] millis = random.doubles(20_000).map(one -> 300 * Math.exp(one * 3)).sorted().toArray();
    long[] counts = new long[LatencyHistogram.CLASSES];
    Arrays.stream(millis).forEach(one -> counts[LatencyHistogram.classOf((long) (one * 1e6))]++);
    Spread spread = Spread.of(new LatencyHistogram(counts));

    for (double share : new double[] {0.01, 0.5, 0.95, 0.99}) {
      double right = millis[(int) (share * millis.length)];
      assertThat(spread.quantile(share) / right)
          .as("seed %d, %s of the rows", seed, share)
          .isBetween(1 / WIDTH, WIDTH);
    }
  }

  @Test
  void rowsWithoutTokensAreAClassOfTheirOwn() {
    long[] counts = new long[4];
    counts[TokenHistogram.classOf(0)] = 10;
    Spread spread = Spread.of(new TokenHistogram(counts));

    assertThat(spread.quantile(0.5)).isCloseTo(0.5, within(0.5));
    assertThat(
            spread
                .figure("a", "Tokens", "Half of the rows had fewer than")
                .orElseThrow()
                .toString())
        .contains("10");
  }

  @Test
  void noRowsAreNoFigure() {
    assertThat(Spread.of(LatencyHistogram.NONE).figure("a", "b", "c")).isEmpty();
    assertThat(Spread.of(new TokenHistogram(new long[5])).figure("a", "b", "c")).isEmpty();
  }
}

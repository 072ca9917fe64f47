package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemandTest {
  private static double[] shares(double total, Demand... demands) {
    double[] shares = new double[demands.length];
    for (int i = 0; i < demands.length; i++) {
      shares[i] = Demand.share(demands[i], List.of(demands), total);
    }
    return shares;
  }

  @Test
  void whoNeedsLittleHasItAndTheRestIsSharedEqually() {
    assertThat(shares(12, new Demand(10, 1), new Demand(2, 1), new Demand(10, 1)))
        .containsExactly(5, 2, 5);
  }

  @Test
  void whoWeighsMoreHasMore() {
    assertThat(shares(40, new Demand(100, 1), new Demand(100, 3))).containsExactly(10, 30);
  }

  @Test
  void weightDoesNotForceMoreOnAnyoneThanItNeeds() {
    assertThat(shares(40, new Demand(100, 1), new Demand(5, 9))).containsExactly(35, 5);
  }

  @Test
  void whatNobodyNeedsIsSharedEqually() {
    assertThat(shares(10, new Demand(1, 1), new Demand(3, 5))).containsExactly(4, 6);
  }

  @Test
  void whoWantsNothingTakesNothingFromTheOthers() {
    assertThat(shares(10, new Demand(0, 1), new Demand(50, 1))).containsExactly(0, 10);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void sharesAddUpToAllThereIs(long seed) {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      List<Demand> demands = new ArrayList<>();
      for (int j = 0; j <= random.nextInt(6); j++) {
        demands.add(new Demand(random.nextInt(40), 1 + random.nextInt(4)));
      }
      double total = random.nextInt(100);

      double sum =
          demands.stream().mapToDouble(demand -> Demand.share(demand, demands, total)).sum();

      assertThat(sum).isCloseTo(total, within(1e-9));
    }
  }
}

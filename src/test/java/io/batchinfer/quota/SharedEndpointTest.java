package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Several runs of one driver that use the same endpoint and key. */
class SharedEndpointTest {
  private final VirtualTime time = new VirtualTime();

  private EndpointQuota endpoint(int concurrency, long requestsPerMinute) {
    return new EndpointQuota(
        new QuotaLimits(concurrency, requestsPerMinute, 0, Duration.ofMinutes(10)), time, time);
  }

  private SimulatedCluster run(EndpointQuota endpoint, double weight, String name) {
    SimulatedCluster run = new SimulatedCluster(time, endpoint, weight, name, 2, 1);
    run.start();
    return run;
  }

  private static void feed(SimulatedCluster run, int rows) {
    run.nodes.forEach(node -> node.feed(rows / 2));
  }

  @Test
  void slotsAreSharedByWeight() {
    EndpointQuota endpoint = endpoint(40, 0);
    SimulatedCluster light = run(endpoint, 1, "light");
    SimulatedCluster heavy = run(endpoint, 3, "heavy");
    feed(light, 5_000);
    feed(heavy, 5_000);

    time.advance(Duration.ofSeconds(20));

    assertThat(light.underWay).isEqualTo(10);
    assertThat(heavy.underWay).isEqualTo(30);
  }

  @Test
  void whatARunDoesNotNeedGoesToTheOthersAndComesBack() {
    EndpointQuota endpoint = endpoint(40, 0);
    SimulatedCluster big = run(endpoint, 1, "big");
    feed(big, 10_000);
    time.advance(Duration.ofSeconds(10));
    assertThat(big.underWay).isEqualTo(40);

    SimulatedCluster small = run(endpoint, 1, "small");
    feed(small, 60);
    time.advance(Duration.ofSeconds(4));
    assertThat(small.underWay).isEqualTo(20);
    assertThat(big.underWay).isEqualTo(20);

    time.advance(Duration.ofSeconds(10));
    assertThat(small.done()).isEqualTo(60);
    assertThat(big.underWay).isEqualTo(40);
    assertThat(big.peak).isEqualTo(40);
  }

  @Test
  void rowsOfTheRateAreSharedByWeight() {
    EndpointQuota endpoint = endpoint(400, 600);
    SimulatedCluster light = run(endpoint, 1, "light");
    SimulatedCluster heavy = run(endpoint, 3, "heavy");
    feed(light, 5_000);
    feed(heavy, 5_000);
    time.advance(Duration.ofSeconds(30));
    int lightBefore = light.starts.size();
    int heavyBefore = heavy.starts.size();

    time.advance(Duration.ofMinutes(4));

    double ofLight = light.starts.size() - lightBefore;
    double ofHeavy = heavy.starts.size() - heavyBefore;
    assertThat(ofLight + ofHeavy).isBetween(4 * 600 * 0.98, 4.0 * 600);
    assertThat(ofHeavy / ofLight).isBetween(2.8, 3.2);
  }

  @Test
  void aRunThatEndsLeavesItsShare() {
    EndpointQuota endpoint = endpoint(40, 600);
    SimulatedCluster ending = run(endpoint, 1, "ending");
    SimulatedCluster staying = run(endpoint, 1, "staying");
    feed(ending, 5_000);
    feed(staying, 5_000);
    time.advance(Duration.ofSeconds(30));

    ending.nodes.forEach(node -> node.session.close());
    ending.authority.close();
    time.advance(Duration.ofSeconds(10));
    int before = staying.starts.size();
    time.advance(Duration.ofMinutes(2));

    assertThat(staying.starts.size() - before).isBetween(2 * 588, 2 * 600);
  }
}

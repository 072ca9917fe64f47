package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Several runs of one driver that use the same endpoint and key. */
class SharedEndpointTest {
  private final VirtualTime time = new VirtualTime();

  private EndpointQuota endpoint(int concurrency, long requestsPerMinute) {
    return new EndpointQuota(
        new QuotaLimits(concurrency, requestsPerMinute, 0, Duration.ofMinutes(10)), time, time);
  }

  private SimulatedCluster run(EndpointQuota endpoint, double weight, String name) {
    return run(endpoint, QuotaGroup.of(weight), name);
  }

  private SimulatedCluster run(EndpointQuota endpoint, QuotaGroup group, String name) {
    SimulatedCluster run = new SimulatedCluster(time, endpoint, group, name, 2, 1);
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
  void runsOfAGroupHaveOneShareTogether() {
    EndpointQuota endpoint = endpoint(40, 0);
    QuotaGroup crowd = QuotaGroup.of(1);
    SimulatedCluster first = run(endpoint, crowd, "first");
    SimulatedCluster second = run(endpoint, crowd, "second");
    SimulatedCluster alone = run(endpoint, 1, "alone");
    feed(first, 5_000);
    feed(second, 5_000);
    feed(alone, 5_000);

    time.advance(Duration.ofSeconds(20));

    assertThat(first.underWay).isEqualTo(10);
    assertThat(second.underWay).isEqualTo(10);
    assertThat(alone.underWay).isEqualTo(20);
  }

  @Test
  void aGroupKeepsToItsOwnLimitAndLeavesTheRestToOthers() {
    EndpointQuota endpoint = endpoint(40, 0);
    AtomicInteger most = new AtomicInteger(6);
    QuotaGroup limited = new QuotaGroup(1, most::get);
    SimulatedCluster first = run(endpoint, limited, "first");
    SimulatedCluster second = run(endpoint, limited, "second");
    SimulatedCluster other = run(endpoint, 1, "other");
    feed(first, 5_000);
    feed(second, 5_000);
    feed(other, 5_000);
    time.advance(Duration.ofSeconds(20));
    assertThat(first.underWay + second.underWay).isEqualTo(6);
    assertThat(other.underWay).isEqualTo(34);

    most.set(2);
    time.advance(Duration.ofSeconds(20));

    assertThat(first.underWay + second.underWay).isEqualTo(2);
    assertThat(other.underWay).isEqualTo(38);
  }

  @Test
  void rowsOfTheRateAreSharedByGroup() {
    EndpointQuota endpoint = endpoint(400, 600);
    QuotaGroup crowd = QuotaGroup.of(1);
    SimulatedCluster first = run(endpoint, crowd, "first");
    SimulatedCluster second = run(endpoint, crowd, "second");
    SimulatedCluster alone = run(endpoint, 1, "alone");
    feed(first, 5_000);
    feed(second, 5_000);
    feed(alone, 5_000);

    time.advance(Duration.ofMinutes(5));

    double ofCrowd = first.starts.size() + second.starts.size();
    assertThat(ofCrowd / alone.starts.size()).isBetween(0.95, 1.05);
  }

  @Test
  void whatIsLeftOfACapIsSharedOutAndNeverPassed() {
    SpendingCap cap = new SpendingCap(() -> 10, 4);
    SpendingCap.Share first = cap.join();
    SpendingCap.Share second = cap.join();
    assertThat(first.reserve(0, 0)).isEqualTo(3);

    first.holds(2, 2);
    assertThat(first.reserve(0, 0)).isEqualTo(4);
    assertThat(second.reserve(0, 0)).isEqualTo(2);

    second.holds(4, 4);
    assertThat(first.isReached()).isTrue();
    assertThat(second.reserve(0, 0)).isEqualTo(4);
    second.close();
    assertThat(first.reserve(0, 0)).as("what an ended run has spent stays spent").isEqualTo(2);
    assertThat(cap.join().reserve(0, 0)).isZero();
  }

  @Test
  void aGroupThatHadTheEndpointForItselfHasNothingToMakeUpFor() {
    EndpointQuota endpoint = endpoint(400, 600);
    QuotaGroup early = QuotaGroup.of(1);
    SimulatedCluster first = run(endpoint, early, "first");
    feed(first, 6_000);
    time.advance(Duration.ofMinutes(10));
    first.nodes.forEach(node -> node.session.close());
    first.authority.close();
    SimulatedCluster late = run(endpoint, 1, "late");
    feed(late, 6_000);
    time.advance(Duration.ofMinutes(1));

    SimulatedCluster second = run(endpoint, early, "second");
    feed(second, 6_000);
    int lateBefore = late.starts.size();
    time.advance(Duration.ofMinutes(1));

    assertThat(second.starts.size()).isBetween(290, 310);
    assertThat(late.starts.size() - lateBefore).isBetween(290, 310);
  }

  @Test
  void aGroupThatWantedNothingForAWhileDoesNotPushTheOthersAsideThen() {
    EndpointQuota endpoint = endpoint(400, 600);
    SimulatedCluster busy = run(endpoint, 1, "busy");
    SimulatedCluster idle = run(endpoint, 1, "idle");
    feed(busy, 6_000);
    feed(idle, 4);
    time.advance(Duration.ofMinutes(5));

    feed(idle, 6_000);
    int before = busy.starts.size();
    time.advance(Duration.ofMinutes(1));

    assertThat(busy.starts.size() - before).isBetween(270, 310);
  }

  @Test
  void aGroupKeepsToItsLimitOverAllItsEndpoints() {
    QuotaGroup limited = new QuotaGroup(1, () -> 10);
    SimulatedCluster here = run(endpoint(40, 0), limited, "here");
    feed(here, 5_000);
    time.advance(Duration.ofSeconds(10));
    assertThat(here.underWay).isEqualTo(10);

    SimulatedCluster there = run(endpoint(40, 0), limited, "there");
    feed(there, 5_000);
    int most = 0;
    for (int i = 0; i < 200; i++) {
      time.advance(Duration.ofMillis(100));
      most = Math.max(most, here.underWay + there.underWay);
    }

    assertThat(most).isLessThanOrEqualTo(10);
    assertThat(here.underWay).isEqualTo(5);
    assertThat(there.underWay).isEqualTo(5);

    there.nodes.forEach(node -> node.session.close());
    there.authority.close();
    time.advance(Duration.ofSeconds(10));
    assertThat(here.underWay).isEqualTo(10);
  }

  @Test
  void aRunIsServedWhileTheLongAnswersOfAnotherHoldAllThatIsKnownToFit() {
    EndpointQuota endpoint = endpoint(0, 0);
    SimulatedCluster slow = run(endpoint, 1, "slow");
    long before = time.nanos() + Duration.ofSeconds(2).toNanos();
    slow.latency = at -> at < before ? Duration.ofMillis(50) : Duration.ofHours(1);
    feed(slow, 20);
    time.advance(Duration.ofSeconds(3));
    feed(slow, 2_000);
    time.advance(Duration.ofSeconds(5));
    int held = slow.underWay;

    SimulatedCluster quick = run(endpoint, 1, "quick");
    quick.latency = at -> Duration.ofMillis(50);
    feed(quick, 40);
    time.advance(Duration.ofSeconds(20));

    assertThat(slow.underWay).isGreaterThanOrEqualTo(held);
    assertThat(quick.done()).isEqualTo(40);
  }

  @Test
  void limitsThatAreSetLowerWhileTheEndpointIsUsedAreKept() {
    EndpointQuota endpoint = endpoint(40, 0);
    SimulatedCluster run = run(endpoint, 1, "run");
    feed(run, 50_000);
    time.advance(Duration.ofSeconds(10));
    assertThat(run.underWay).isEqualTo(40);

    endpoint.restrict(new QuotaLimits(12, 60, 0, Duration.ofMinutes(1)));
    time.advance(Duration.ofSeconds(10));
    int before = run.starts.size();
    time.advance(Duration.ofMinutes(2));

    assertThat(run.underWay).isLessThanOrEqualTo(12);
    assertThat(run.starts.size() - before).isBetween(115, 120);
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

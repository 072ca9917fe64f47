package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.VirtualTime;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class QuotaGroupTest {
  private final VirtualTime time = new VirtualTime();
  private final EndpointQuota here = endpoint();
  private final EndpointQuota there = endpoint();
  private final AtomicInteger most = new AtomicInteger(10);
  private final QuotaGroup group = new QuotaGroup(2, most::get);

  private EndpointQuota endpoint() {
    return new EndpointQuota(SimulatedCluster.concurrency(40), time, time);
  }

  @Test
  void oneWithoutALimitMayHaveAnything() {
    QuotaGroup free = QuotaGroup.of(3);
    free.uses(here, new QuotaGroup.Use(1_000, 5_000));

    assertThat(free.isLimited()).isFalse();
    assertThat(free.weight()).isEqualTo(3);
    assertThat(free.most(here)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void anEndpointThatIsUsedAloneHasTheWholeLimit() {
    assertThat(group.isLimited()).isTrue();
    assertThat(group.most(here)).isEqualTo(10);

    group.uses(here, new QuotaGroup.Use(10, 100));
    assertThat(group.most(here)).as("what it holds itself is not in its way").isEqualTo(10);
  }

  @Test
  void severalShareTheLimitOnceTheOthersHaveGivenTheirsBack() {
    group.uses(here, new QuotaGroup.Use(10, 100));
    group.uses(there, new QuotaGroup.Use(0, 100));
    assertThat(group.most(there)).as("all are still held").isZero();
    assertThat(group.most(here)).isEqualTo(5);

    group.uses(here, new QuotaGroup.Use(7, 100));
    assertThat(group.most(there)).isEqualTo(3);

    group.uses(here, new QuotaGroup.Use(5, 100));
    assertThat(group.most(there)).isEqualTo(5);
  }

  @Test
  void anEndpointThatNeedsLittleLeavesTheRestToTheOthers() {
    group.uses(here, new QuotaGroup.Use(2, 2));
    group.uses(there, new QuotaGroup.Use(0, 100));

    assertThat(group.most(there)).isEqualTo(8);
  }

  @Test
  void whatIsNotUsedAnyMoreHoldsNothing() {
    group.uses(here, new QuotaGroup.Use(10, 100));
    group.uses(there, new QuotaGroup.Use(0, 100));

    group.leaves(here);

    assertThat(group.most(there)).isEqualTo(10);
  }

  @Test
  void anotherLimitHoldsAtOnce() {
    group.uses(here, new QuotaGroup.Use(10, 100));
    group.uses(there, new QuotaGroup.Use(1, 100));

    most.set(0);

    assertThat(group.most(here)).isZero();
    assertThat(group.most(there)).as("never below nothing").isZero();
  }
}

package io.batchinfer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdaptiveLimitTest {
  private static final double CAPACITY = 64 / 0.3;

  @Test
  void aServerThatRefusesBeyondItsQueueIsFilledAndSeldomRefuses() {
    ClosedLoop loop = new ClosedLoop();

    loop.run(120);

    assertThat(loop.throughput(10, 120))
        .as("%s", loop.history())
        .isGreaterThanOrEqualTo(0.95 * CAPACITY);
    assertThat(loop.refusedInAll).isLessThan(loop.answeredAt.size() / 100);
  }

  @Test
  void halvedSlotsAreFoundAndRestoredOnesToo() {
    ClosedLoop loop = new ClosedLoop();
    loop.run(30);
    loop.slots = 32;
    loop.run(30);
    loop.slots = 64;
    loop.run(60);

    assertThat(loop.throughput(35, 60))
        .as("%s", loop.history())
        .isGreaterThanOrEqualTo(0.9 * CAPACITY / 2);
    assertThat(loop.throughput(69, 72))
        .as("%s", loop.history())
        .isGreaterThanOrEqualTo(0.9 * CAPACITY);
    assertThat(loop.throughput(72, 120)).isGreaterThanOrEqualTo(0.95 * CAPACITY);
    assertThat(loop.refusedInAll).isLessThan(loop.answeredAt.size() / 50);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aQueueWithoutBoundIsNotFilled(long seed) {
    Random random = ClosedLoop.random(seed);
    ClosedLoop loop = new ClosedLoop();
    loop.queue = Integer.MAX_VALUE;
    loop.secondsPerUnit = running -> 0.3 * (0.7 + 0.6 * random.nextDouble());

    loop.run(300);

    assertThat(loop.throughput(20, 300))
        .as("%s", loop.history())
        .isGreaterThanOrEqualTo(0.92 * CAPACITY);
    assertThat(loop.limits.subList(200, loop.limits.size()))
        .as("%s", loop.history())
        .allMatch(limit -> limit <= 128);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aBatchingServerIsFilledAlthoughEachAnswerGetsSlower(long seed) {
    Random random = ClosedLoop.random(seed);
    ClosedLoop loop = new ClosedLoop();
    loop.slots = 256;
    loop.queue = Integer.MAX_VALUE;
    loop.secondsPerUnit = running -> 0.02 * (1 + Math.min(running, 256) / 256.0);
    loop.work =
        () -> (int) Math.max(10, Math.min(2_000, Math.exp(5 + 0.9 * random.nextGaussian())));

    loop.run(1_200);
    double all = 256 / (0.04 * Math.exp(5 + 0.9 * 0.9 / 2));

    assertThat(loop.throughput(300, 1_200))
        .as("%s", loop.history())
        .isGreaterThanOrEqualTo(0.85 * all);
    assertThat(loop.limits).allMatch(limit -> limit <= 1_000);
  }

  @Test
  void longAnswersAreNotTakenForASlowServer() {
    ClosedLoop loop = new ClosedLoop();
    loop.queue = Integer.MAX_VALUE;
    loop.secondsPerUnit = running -> 0.01;
    loop.work = () -> loop.time.nanos() < 60_000_000_000L ? 10 : 200;

    loop.run(180);

    assertThat(loop.limit.limit()).as("%s", loop.history()).isBetween(50, 100);
    assertThat(loop.throughput(80, 180)).isGreaterThanOrEqualTo(0.9 * 64 / 2.0);
  }

  @Test
  void withoutDemandNothingIsConcluded() {
    ClosedLoop loop = new ClosedLoop();
    loop.demand = 10;

    loop.run(60);

    assertThat(loop.limit.limit()).isEqualTo(AdaptiveLimit.INITIAL);
  }

  @Test
  void aServerThatRefusesAllIsAskedOneAtATimeAndUsedAgainSoonAfter() {
    ClosedLoop loop = new ClosedLoop();
    loop.run(20);
    loop.slots = 0;
    loop.queue = 0;
    loop.run(20);
    assertThat(loop.limit.limit()).isEqualTo(1);
    loop.slots = 64;
    loop.queue = 16;

    loop.run(30);

    assertThat(loop.throughput(55, 70))
        .as("%s", loop.history())
        .isGreaterThanOrEqualTo(0.9 * CAPACITY);
  }

  private static final long SECOND = 1_000_000_000L;

  @Test
  void withAKnownRateTheFirstAnswerTellsHowManyItTakes() {
    AdaptiveLimit limit = new AdaptiveLimit(1_024, 300);
    limit.rate(230);

    limit.observe(1, 0.2, 1, 4, 0, 0, SECOND);

    assertThat(limit.limit()).isBetween(46, 70);
  }

  @Test
  void noMoreAreTriedThanCouldWaitForEachOther() {
    AdaptiveLimit limit = new AdaptiveLimit(1_024, 5);

    limit.observe(1, 2, 1, 4, 3, 0, SECOND);
    assertThat(limit.limit()).isEqualTo(4);
    limit.observe(8, 16, 8, 4, 2, 0, 5 * SECOND);
    assertThat(limit.limit()).isEqualTo(5);
  }

  @Test
  void whatIsLeftLyingWasTooMany() {
    AdaptiveLimit limit = new AdaptiveLimit(1_024, 300);

    limit.observe(16, 16, 16, 16, 10, 10, SECOND);

    assertThat(limit.limit()).isEqualTo(6);
    limit.observe(8, 8, 8, 6, 0, 0, 2 * SECOND);
    assertThat(limit.limit()).isEqualTo(6);
  }

  @Test
  void aGainIsNotConcludedWhileTheConnectionsForItAreSilent() {
    AdaptiveLimit limit = new AdaptiveLimit(1_024, 300);
    limit.observe(16, 16, 16, 16, 0, 0, SECOND);
    assertThat(limit.limit()).isEqualTo(32);

    limit.observe(32, 32, 32, 32, 16, 0, 2 * SECOND);
    assertThat(limit.limit()).isEqualTo(32);

    limit.observe(40, 40, 40, 32, 16, 16, 3 * SECOND);
    assertThat(limit.limit()).isEqualTo(16);
  }
}

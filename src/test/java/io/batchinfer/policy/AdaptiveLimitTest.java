package io.batchinfer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.policy.AdaptiveLimit.Answers;
import io.batchinfer.policy.AdaptiveLimit.UnderWay;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    limit.observe(new Answers(1, 0.2, 1), new UnderWay(4, 0, 0), SECOND);

    assertThat(limit.limit()).isBetween(46, 70);
  }

  @Test
  void noMoreAreTriedThanCouldWaitForEachOther() {
    AdaptiveLimit limit = new AdaptiveLimit(1_024, 5);

    limit.observe(new Answers(1, 2, 1), new UnderWay(4, 3, 0), SECOND);
    assertThat(limit.limit()).isEqualTo(4);
    limit.observe(new Answers(8, 16, 8), new UnderWay(4, 2, 0), 5 * SECOND);
    assertThat(limit.limit()).isEqualTo(5);
  }

  @Test
  void whatIsLeftLyingWasTooMany() {
    AdaptiveLimit limit = new AdaptiveLimit(1_024, 300);

    limit.observe(new Answers(16, 16, 16), new UnderWay(16, 10, 10), SECOND);

    assertThat(limit.limit()).isEqualTo(6);
    limit.observe(new Answers(8, 8, 8), new UnderWay(6, 0, 0), 2 * SECOND);
    assertThat(limit.limit()).isEqualTo(6);
  }

  @Test
  void aGainIsNotConcludedWhileTheConnectionsForItAreSilent() {
    AdaptiveLimit limit = new AdaptiveLimit(1_024, 300);
    limit.observe(new Answers(16, 16, 16), new UnderWay(16, 0, 0), SECOND);
    assertThat(limit.limit()).isEqualTo(32);

    limit.observe(new Answers(32, 32, 32), new UnderWay(32, 16, 0), 2 * SECOND);
    assertThat(limit.limit()).isEqualTo(32);

    limit.observe(new Answers(40, 40, 40), new UnderWay(32, 16, 16), 3 * SECOND);
    assertThat(limit.limit()).isEqualTo(16);
  }

  @ParameterizedTest
  @CsvSource({"0.005, 0.8", "0.01, 0.75", "0.02, 0.75", "0.05, 0.85", "0.1, 0.85", "0.2, 0.85"})
  void refusalsThatComeByChanceDoNotKeepTheEndpointIdle(double share, double least) {
    for (int slots : new int[] {16, 64, 256}) {
      Random random = ClosedLoop.random(slots);
      ClosedLoop loop = new ClosedLoop();
      loop.slots = slots;
      loop.queue = slots / 4;
      loop.fault = () -> random.nextDouble() < share;

      loop.run(600);

      assertThat(loop.throughput(60, 600))
          .as("%d slots: %s", slots, loop.history())
          .isGreaterThanOrEqualTo(least * slots / 0.3);
    }
  }

  @ParameterizedTest
  @CsvSource({"20, 0.05", "20, 0.3", "100, 0.05"})
  void refusalsThatKeepARateAreNotTakenForChance(double rate, double seconds) {
    double[] room = {10, 0};
    ClosedLoop loop = new ClosedLoop();
    loop.slots = Integer.MAX_VALUE;
    loop.secondsPerUnit = running -> seconds;
    loop.fault =
        () -> {
          double now = loop.time.nanos() / 1e9;
          room[0] = Math.min(10, room[0] + (now - room[1]) * rate);
          room[1] = now;
          if (room[0] < 1) {
            return true;
          }
          room[0]--;
          return false;
        };

    loop.run(600);

    assertThat(loop.refusedInAll).as("%s", loop.history()).isLessThan((int) (0.05 * 600 * rate));
    assertThat(loop.throughput(60, 600)).isGreaterThanOrEqualTo(0.85 * rate);
  }

  @ParameterizedTest
  @CsvSource({"0.02, 8", "0.02, 24", "0.3, 8", "0.3, 24", "3, 8", "3, 24"})
  void lackOfRoomIsNotTakenForChanceHoweverFewAreLeft(double seconds, int left) {
    ClosedLoop loop = new ClosedLoop();
    loop.queue = 0;
    loop.secondsPerUnit = running -> seconds;
    loop.run(60 + 60 * seconds);
    int before = loop.refusedInAll;
    loop.slots = left;

    loop.run(300);

    // The fall itself, those that are tried now and then, and one in five hundred.
    assertThat(loop.refusedInAll - before)
        .as("%s", loop.history())
        .isLessThan(150 + (int) (300 / seconds * left / 100));
    assertThat(loop.throughput(120 + 60 * seconds, 360 + 60 * seconds))
        .as("%s", loop.history())
        .isGreaterThanOrEqualTo(0.85 * left / seconds);
  }

  @Test
  void afterAnOutageThatRefusedAllNoShareIsLeftExcused() {
    ClosedLoop loop = new ClosedLoop();
    loop.run(20);
    loop.fault = () -> true;
    loop.run(120);
    assertThat(loop.limit.limit()).isEqualTo(1);
    loop.fault = () -> false;
    int before = loop.refusedInAll;

    loop.run(120);

    assertThat(loop.throughput(170, 260)).isGreaterThanOrEqualTo(0.95 * CAPACITY);
    assertThat(loop.refusedInAll - before).isLessThan(200);
  }

  @Test
  void anEndpointThatLosesItsFaultIsNotFilledBeyondItsRoomForLong() {
    Random random = ClosedLoop.random(5);
    ClosedLoop loop = new ClosedLoop();
    loop.fault = () -> random.nextDouble() < 0.3;
    loop.run(200);
    loop.fault = () -> false;
    loop.run(1_000);
    int before = loop.refusedInAll;

    loop.run(300);

    assertThat(loop.throughput(1_200, 1_500)).isGreaterThanOrEqualTo(0.95 * CAPACITY);
    assertThat(loop.refusedInAll - before)
        .as("%s", loop.history())
        .isLessThan((int) (300 * CAPACITY / 100));
  }
}

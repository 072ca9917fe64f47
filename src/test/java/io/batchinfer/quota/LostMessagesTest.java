package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.SimulatedCluster.Node;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever permission moves between processes, no loss or delay of a message doubles it. */
class LostMessagesTest {
  private static final int SESSIONS = 6;
  private static final int TOKENS = 100;
  private static final double LATE = 0.3;

  /** Work comes and goes at each process, so that permissions move, while messages get lost. */
  private static void drive(SimulatedCluster cluster, double late, long seed, Runnable check) {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    cluster.answers = n -> SimulatedCluster.answered(TOKENS);
    cluster.latency = at -> Duration.ofMillis(50 + random.nextInt(2_000));
    cluster.loss = 0.4;
    cluster.late = late;
    cluster.start();
    for (int i = 0; i < 100; i++) {
      Node node = cluster.nodes.get(random.nextInt(SESSIONS));
      node.feed(random.nextInt(80));
      cluster.advanceSeconds(random.nextDouble() * 3);
      check.run();
    }
    cluster.loss = 0;
    cluster.late = 0;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void slots(long seed) {
    SimulatedCluster cluster =
        new SimulatedCluster(SimulatedCluster.concurrency(20), SESSIONS, seed);

    drive(cluster, LATE, seed, () -> assertThat(cluster.peak).isLessThanOrEqualTo(20));

    cluster.nodes.get(0).feed(100);
    cluster.advanceSeconds(30);
    assertThat(cluster.peak).isEqualTo(20);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void rowsOfTheRate(long seed) {
    SimulatedCluster cluster =
        new SimulatedCluster(new QuotaLimits(400, 600, 0, Duration.ofMinutes(10)), SESSIONS, seed);

    drive(cluster, 0, seed, () -> {});

    assertThat(mostWithin(cluster, Duration.ofSeconds(1))).isLessThanOrEqualTo(10);
    assertThat(mostWithin(cluster, Duration.ofMinutes(1))).isLessThanOrEqualTo(600);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void rowsOfTheRateInAMinuteWhereMessagesAreLateAsWell(long seed) {
    SimulatedCluster cluster =
        new SimulatedCluster(new QuotaLimits(400, 600, 0, Duration.ofMinutes(10)), SESSIONS, seed);

    drive(cluster, LATE, seed, () -> {});

    assertThat(mostWithin(cluster, Duration.ofMinutes(1))).isLessThanOrEqualTo(600);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void tokensOfTheRate(long seed) {
    SimulatedCluster cluster =
        new SimulatedCluster(
            new QuotaLimits(400, 0, 600 * TOKENS, Duration.ofMinutes(10)), SESSIONS, seed);

    drive(cluster, LATE, seed, () -> {});

    assertThat(mostWithin(cluster, Duration.ofMinutes(1))).isLessThanOrEqualTo(600);
  }

  private static int mostWithin(SimulatedCluster cluster, Duration window) {
    int most = 0;
    int from = 0;
    for (int to = 0; to < cluster.starts.size(); to++) {
      while (cluster.starts.get(to) - cluster.starts.get(from) >= window.toNanos()) {
        from++;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void budgets(long seed) {
    int rows = 1_000;
    SimulatedCluster cluster =
        new SimulatedCluster(
            SimulatedCluster.concurrency(4),
            List.of(new Budget(rows * TOKENS, Budget.Unit.TOKENS)),
            SESSIONS,
            seed);

    drive(
        cluster,
        LATE,
        seed,
        () -> assertThat(cluster.starts).hasSizeLessThanOrEqualTo(rows + cluster.peak));

    cluster.nodes.forEach(node -> node.feed(rows));
    cluster.latency = at -> Duration.ofMillis(100);
    cluster.advanceSeconds(600);
    assertThat(cluster.starts).hasSizeBetween(rows, rows + cluster.peak);
  }

  @Test
  void aQuestionThatComesAfterALaterOneIsRefusedAndChangesNothing() {
    QuotaAuthority authority =
        new SimulatedCluster(SimulatedCluster.concurrency(8), 0, 1).authority;
    Told told = new Told("first").waiting(100).ended(StatusMeaning.ANSWERED, 1);
    told.number = 1;
    told.slots = 8;
    assertThat(authority.ask(told.message()).toCompletableFuture().join().slots()).isEqualTo(8);

    told.number = 0;
    told.slots = 0;
    told.waiting = 0;
    assertThat(authority.ask(told.message()).toCompletableFuture()).isCompletedExceptionally();

    Told other = new Told("second").waiting(100);
    assertThat(authority.ask(other.message()).toCompletableFuture().join().slots())
        .as("the first works with all of them")
        .isZero();
  }

  @Test
  void aQuestionThatWaitsIsGivenUpForALaterOneOfItsProcess() {
    SimulatedCluster cluster =
        new SimulatedCluster(new QuotaLimits(8, 60, 0, Duration.ofMinutes(10)), 0, 1);
    Told told = new Told("first").waiting(100);
    told.wantedRows = 1;
    CompletableFuture<QuotaReply> first =
        cluster.authority.ask(told.message()).toCompletableFuture();
    assertThat(first).isNotCompleted();

    told.number = 1;
    CompletableFuture<QuotaReply> later =
        cluster.authority.ask(told.message()).toCompletableFuture();

    assertThat(first).isCompletedExceptionally();
    cluster.advanceSeconds(2);
    assertThat(later.join().rows().count()).isOne();
  }
}

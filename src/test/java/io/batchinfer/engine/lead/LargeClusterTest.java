package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.docs.CheckedIn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The driver's ledger and journal index under 1,000 executors that come to grief. */
class LargeClusterTest {
  private static final int EXECUTORS = 1_000;
  private static final int WORKERS = 4;
  private static final int SPLITS = 12_000;
  private static final Duration READING = Duration.ofSeconds(5);
  private static final int LIMIT_SECONDS = 600;

  @Test
  void whatALargeClusterAsksOfItsDriverDoesNotGrowWithTheJob() {
    try (LargeCluster cluster = new LargeCluster(EXECUTORS, WORKERS, SPLITS, READING, 7)) {
      cluster.time.schedule(() -> cluster.kill(0, 20, true), Duration.ofSeconds(10));
      cluster.time.schedule(() -> cluster.kill(20, 40, false), Duration.ofSeconds(15));
      cluster.time.schedule(
          () -> cluster.cutOff(40, 60, Duration.ofSeconds(40)), Duration.ofSeconds(20));
      int tail = 0;
      while (!cluster.ledger.isComplete() && cluster.second() < LIMIT_SECONDS) {
        cluster.time.advance(Duration.ofSeconds(1));
        if (cluster.ledger.openSplits().size() > EXECUTORS) {
          tail = cluster.second() + 1;
        }
      }
      assertThat(cluster.ledger.isComplete()).as("every split is published").isTrue();
      assertThat(cluster.ledger.failure()).isNull();
      int sentAgain =
          IntStream.range(0, cluster.sent.length).map(row -> cluster.sent[row] - 1).sum();
      assertThat(cluster.sentAlthoughDurable).as("rows that were durable and sent again").isZero();
      assertThat(sentAgain).as("rows sent again").isBetween(1, cluster.underWayAtLosses);
      int busiest = IntStream.of(cluster.messages).skip(1).max().orElseThrow();
      int claimsAtTheTail = IntStream.of(cluster.claims).skip(tail).max().orElseThrow();
      long read = cluster.files.randomlyRead();
      assertThat(cluster.ledger.mostSteps()).isLessThan(EXECUTORS * (WORKERS + 2));
      CheckedIn.assertEqual(
          Path.of("src/site/markdown/driver-load.md"),
          """
          # Load of the driver

          This page is generated. The driver's ledger of splits, its index of the journal and the codec of its messages run
          with %,d executors of %d workers in virtual time: %,d splits of %d rows. 20 executors are killed and the
          cluster manager tells; 20 vanish; 20 are cut off for 40 s, working on as long as they may. Reading what a lost
          executor journalled takes 5 s each time, during which nobody else waits. A step is a process, a split or a
          claim that is looked at while all others wait.

          | figure | value |
          | --- | ---: |
          | splits published | %d |
          | rows sent again although their answer was durable | %d |
          | rows sent again, of %d under way at the losses | %d |
          | messages in the busiest second after the first | %d |
          | claims in the busiest second of the tail | %d |
          | most steps that one message kept all others waiting for | %d |
          | journalled, MB | %s |
          | read of it, by driver and successors, MB | %s |
          | segments left at the end | %d |
          """
              .formatted(
                  EXECUTORS,
                  WORKERS,
                  SPLITS,
                  LargeCluster.LINES,
                  cluster.ledger.committedSplits(),
                  cluster.sentAlthoughDurable,
                  cluster.underWayAtLosses,
                  sentAgain,
                  busiest,
                  claimsAtTheTail,
                  cluster.ledger.mostSteps(),
                  String.format(Locale.ROOT, "%.1f", cluster.journalled / 1e6),
                  String.format(Locale.ROOT, "%.1f", read / 1e6),
                  cluster.files.list(StoredJob.ROOT + "/_journal/segments").size()));
    }
  }
}

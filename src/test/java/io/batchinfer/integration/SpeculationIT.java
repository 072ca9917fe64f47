package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.Signals;
import io.batchinfer.testing.SparkCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spark starts copies of the workers of a slow executor on another host, and kills them when the
 * slow ones end first.
 */
class SpeculationIT {
  private static final int ROWS = 2_000;
  private static final int IN_FLIGHT = 16;
  private static final int CORES = 4;
  private static final Duration LATENCY = Duration.ofMillis(200);
  private static final Duration FLUSH_INTERVAL = Duration.ofMillis(250);
  private static final Duration SLOW =
      OwnershipTiming.DEFAULT.fence().plus(OwnershipTiming.DEFAULT.beat()).plusSeconds(2);

  /** In flight, and answered within a flush interval that may come late on a busy machine. */
  private static final int MOST_RESENT =
      IN_FLIGHT
          + (int) (IN_FLIGHT * FLUSH_INTERVAL.multipliedBy(2).toMillis() / LATENCY.toMillis());

  @TempDir Path directory;

  /** Copies at once, of a stage that has no more tasks than one executor has cores. */
  private List<String> eagerSpeculation() throws IOException {
    Path events = Files.createDirectory(directory.resolve("events"));
    List<String> words = new ArrayList<>();
    for (String setting :
        List.of(
            "spark.executor.cores=" + CORES,
            "spark.speculation=true",
            "spark.speculation.interval=100ms",
            "spark.speculation.minTaskRuntime=100ms",
            "spark.speculation.multiplier=1.1",
            "spark.speculation.quantile=0.1",
            "spark.speculation.task.duration.threshold=1s",
            "spark.eventLog.enabled=true",
            "spark.eventLog.dir=file:" + events,
            "spark.eventLog.compress=false")) {
      words.addAll(List.of("--conf", setting));
    }
    return words;
  }

  @Test
  void copiesOfSlowWorkersSendNothingTwiceAndLoseNothingWhenTheyAreKilled() throws IOException {
    Path requestLog = directory.resolve("requests.log");
    try (SparkCluster cluster = SparkCluster.start(0);
        SimulatedEndpoint endpoint =
            SimulatedEndpoint.start(
                SimulatorSettings.builder()
                    .timeToFirstToken(LATENCY)
                    .requestLog(requestLog)
                    .build())) {
      // Spark puts a copy on another host than the original.
      cluster.addWorkerAt("127.0.0.1", CORES);
      cluster.addWorkerAt("127.0.0.2", CORES);
      ClusterJob job =
          new ClusterJob(
              cluster,
              Requests.chat(directory.resolve("requests.jsonl"), ROWS, 17),
              directory.resolve("out"),
              endpoint.baseUrl().toString(),
              List.of("--split-bytes", "200kB", "--concurrency", Integer.toString(IN_FLIGHT)));
      try (ForkedProcess driver = job.startWith(eagerSpeculation())) {
        Eventually.await(
            "300 answers",
            LONG_ENOUGH,
            () -> endpoint.statistics().ok() >= 300 || !driver.isAlive(),
            driver::stderr);
        ProcessHandle slow = cluster.executors().get(0);
        Signals.stop(slow);
        long until = System.nanoTime() + SLOW.toNanos();
        Eventually.await(
            "time passes",
            SLOW.multipliedBy(2),
            () -> System.nanoTime() - until > 0,
            driver::stderr);
        Signals.resume(slow);
        Finished finished = driver.waitFor(LONG_ENOUGH);
        assertThat(finished.exitCode()).as("%s", finished).isZero();
      }
      endpoint.flushRequestLog();
      int resent = EndpointLog.read(requestLog).resent();
      Copies copies = copies();
      tell("speculation: %s, re-sent %d of %d".formatted(copies, resent, ROWS));
      assertThat(copies.started()).isPositive();
      assertThat(copies.killedAttempts()).isPositive();
      assertThat(resent).isLessThanOrEqualTo(MOST_RESENT);
      assertThat(Parts.ids(job.results())).isEqualTo(Requests.ids(ROWS));
      assertThat(LocalRun.rows(job.errors())).isEmpty();
    }
  }

  /**
   * What Spark's own record says.
   *
   * @param started copies that ran
   * @param killedAttempts originals or copies that were killed because the other had ended
   */
  private record Copies(int started, int killedAttempts) {}

  private Copies copies() throws IOException {
    int started = 0;
    int killed = 0;
    try (Stream<Path> files = Files.walk(directory.resolve("events"))) {
      for (Path file : files.filter(path -> path.toString().matches(".*/events_[^/]*")).toList()) {
        for (String line : Files.readAllLines(file)) {
          JsonNode event = LocalRun.JSON.readTree(line);
          String name = event.path("Event").asText();
          if (name.equals("SparkListenerTaskStart")
              && event.at("/Task Info/Speculative").asBoolean()) {
            started++;
          }
          if (name.equals("SparkListenerTaskEnd")
              && event.at("/Task End Reason/Kill Reason").asText().contains("another attempt")) {
            killed++;
          }
        }
      }
    }
    return new Copies(started, killed);
  }

  @SuppressWarnings("SystemOut") // the figures belong into the build's log
  private static void tell(String line) {
    System.out.println(line);
  }
}

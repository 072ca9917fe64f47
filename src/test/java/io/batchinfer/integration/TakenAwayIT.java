package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.Signals;
import io.batchinfer.testing.SparkCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks and executors that Spark itself starts twice or takes away: no row is sent twice. */
class TakenAwayIT {
  private static final int ROWS = 2_000;
  private static final Duration LONG_ENOUGH = Duration.ofMinutes(4);

  @TempDir Path directory;
  private SimulatedEndpoint endpoint;
  private SparkCluster cluster;
  private ClusterJob job;

  @BeforeEach
  void prepare() throws IOException {
    cluster = SparkCluster.start(2);
    endpoint =
        SimulatedEndpoint.start(
            SimulatorSettings.builder()
                .timeToFirstToken(Duration.ofMillis(200))
                .requestLog(directory.resolve("requests.log"))
                .build());
    job =
        new ClusterJob(
            cluster,
            Requests.chat(directory.resolve("requests.jsonl"), ROWS, 3),
            directory.resolve("out"),
            endpoint.baseUrl().toString(),
            List.of("--split-bytes", "32KiB", "--concurrency", "32"));
  }

  @AfterEach
  void stop() {
    cluster.close();
    endpoint.close();
  }

  private static List<String> conf(String... settings) {
    List<String> words = new ArrayList<>();
    for (String setting : settings) {
      words.addAll(List.of("--conf", setting));
    }
    return words;
  }

  private void awaitAnswers(int answers, ForkedProcess driver) {
    Eventually.await(
        answers + " answers",
        LONG_ENOUGH,
        () -> endpoint.statistics().ok() >= answers || !driver.isAlive(),
        driver::stderr);
  }

  private void assertEveryRowSentOnce(ForkedProcess driver) {
    Finished finished = driver.waitFor(LONG_ENOUGH);
    assertThat(finished.exitCode()).as("%s", finished).isZero();
    endpoint.flushRequestLog();
    EndpointLog log = EndpointLog.read(directory.resolve("requests.log"));
    assertThat(Parts.ids(job.results())).isEqualTo(Requests.ids(ROWS));
    assertThat(log.resent()).as("re-sent").isZero();
  }

  @Test
  void speculativeTasksSendNoRowTwice() {
    List<String> speculation =
        conf(
            "spark.speculation=true",
            "spark.speculation.interval=100ms",
            "spark.speculation.multiplier=1.01",
            "spark.speculation.quantile=0.1",
            "spark.speculation.minTaskRuntime=100ms",
            "spark.speculation.task.duration.threshold=500ms");
    try (ForkedProcess driver = job.startWith(speculation)) {
      assertEveryRowSentOnce(driver);
    }
  }

  @Test
  void aDecommissionedExecutorSavesWhatItHasUnderWay() {
    try (ForkedProcess driver =
        job.startWith(
            conf(
                "spark.decommission.enabled=true",
                "spark.executor.decommission.forceKillTimeout=5s"))) {
      awaitAnswers(300, driver);
      Signals.send("PWR", cluster.executors().get(0));
      assertEveryRowSentOnce(driver);
    }
  }

  @Test
  void anExecutorThatIsAskedToEndSavesWhatItHasUnderWay() {
    try (ForkedProcess driver = job.start()) {
      awaitAnswers(300, driver);
      Signals.send("TERM", cluster.executors().get(0));
      assertEveryRowSentOnce(driver);
    }
  }
}

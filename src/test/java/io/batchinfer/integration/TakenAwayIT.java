package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors that are taken away while they work, with notice: no row is sent twice. */
class TakenAwayIT {
  private static final int ROWS = 2_000;

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

  /** With Spark's own record of what happened, so that a test can tell that it did. */
  private List<String> recorded(String... settings) throws IOException {
    Path events = Files.createDirectory(directory.resolve("events"));
    List<String> words = new ArrayList<>();
    words.addAll(List.of("--conf", "spark.eventLog.enabled=true"));
    words.addAll(List.of("--conf", "spark.eventLog.dir=file:" + events));
    words.addAll(List.of("--conf", "spark.eventLog.compress=false"));
    for (String setting : settings) {
      words.addAll(List.of("--conf", setting));
    }
    return words;
  }

  private String record() throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.walk(directory.resolve("events"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        text.append(Files.readString(file));
      }
    }
    return text.toString();
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
  void aDecommissionedExecutorSavesWhatItHasUnderWay() throws IOException {
    try (ForkedProcess driver =
        job.startWith(
            recorded(
                "spark.decommission.enabled=true",
                "spark.executor.decommission.forceKillTimeout=5s"))) {
      awaitAnswers(300, driver);
      Signals.send("PWR", cluster.executors().get(0));
      assertEveryRowSentOnce(driver);
    }
    assertThat(record()).contains("SparkListenerExecutorRemoved");
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

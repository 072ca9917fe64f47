package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.integration.Disturbances.Cost;
import io.batchinfer.integration.Disturbances.Kill;
import io.batchinfer.integration.Disturbances.Victim;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.YarnCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of the page about YARN on a real one with HDFS, with {@code kill -9} of processes.
 */
class YarnIT {
  private static final int ROWS = 1_000;
  private static final int BEFORE_THE_KILL = 300;
  private static final String KEY = "sk-yarn-5e1f0c9a7b3d/abc";
  private static final Duration LONG_ENOUGH = Duration.ofMinutes(6);

  /** A flush interval, and as much again for what a busy machine does late. */
  private static final Duration UNSAVED = Duration.ofMillis(500);

  private static final Pattern SHELL_BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

  @TempDir static Path directory;
  private static YarnCluster cluster;
  private static FileSystem files;
  private static Path keyFile;

  @TempDir Path place;
  private SimulatedEndpoint endpoint;

  @BeforeAll
  static void start() throws IOException {
    cluster = YarnCluster.start(directory.resolve("hadoop"));
    files = cluster.files();
    Path input = Requests.chat(directory.resolve("requests.jsonl"), ROWS, 11);
    files.copyFromLocalFile(
        new org.apache.hadoop.fs.Path(input.toUri()),
        new org.apache.hadoop.fs.Path("/user/me/requests.jsonl"));
    keyFile = Files.writeString(directory.resolve("endpoint.key"), KEY);
  }

  @AfterAll
  static void stop() throws IOException {
    files.close();
    cluster.close();
  }

  @BeforeEach
  void startEndpoint() {
    endpoint =
        SimulatedEndpoint.start(
            SimulatorSettings.builder()
                .timeToFirstToken(Duration.ofMillis(200))
                .requiredApiKey(KEY)
                .requestLog(place.resolve("requests.log"))
                .build());
  }

  @AfterEach
  void stopEndpoint() {
    endpoint.close();
  }

  /** The page's command of that number, with the addresses of this machine. */
  private ForkedProcess startOfPage(int number) throws IOException {
    Path page = BuiltProduct.baseDirectory().resolve("src/site/markdown/yarn.md");
    String block =
        SHELL_BLOCK
            .matcher(Files.readString(page))
            .results()
            .map(found -> found.group(1))
            .toList()
            .get(number);
    assertThat(block).contains("/etc/hadoop/conf", "http://vllm:8000", "/home/me/endpoint.key");
    String command =
        block
            .replace("/etc/hadoop/conf", cluster.configurationFolder().toString())
            .replace("http://vllm:8000", endpoint.baseUrl().toString())
            .replace("/home/me/endpoint.key", keyFile.toString())
            .replace("/home/me/summary.json", place.resolve("summary.json").toString())
            .replace(
                "scripts/batchinfer run",
                "scripts/batchinfer run --driver-memory 512m --conf spark.ui.enabled=false"
                    + " --conf 'spark.yarn.jars=local:%s/jars/*'"
                        .formatted(BuiltProduct.sparkHome())
                    + " --split-bytes 32KiB --concurrency 16");
    return ForkedProcess.command("bash", "-e", "-c", command)
        .in(BuiltProduct.baseDirectory())
        .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
        .without("SPARK_CONF_DIR")
        .start();
  }

  private Kill killOne(ForkedProcess submission, Victim victim) {
    Supplier<List<ProcessHandle>> victims =
        victim == Victim.EXECUTOR ? cluster::executors : cluster::drivers;
    Eventually.await(
        BEFORE_THE_KILL + " answers",
        LONG_ENOUGH,
        () -> {
          assertThat(submission.isAlive()).as(submission::stderr).isTrue();
          return endpoint.statistics().ok() >= BEFORE_THE_KILL && !victims.get().isEmpty();
        },
        () -> submission.stderr() + cluster.containerLogs());
    assertThat(cluster.commandLines()).contains("batchinfer").doesNotContain(KEY);
    Kill kill = new Kill(1, victim, System.currentTimeMillis());
    victims.get().get(0).destroyForcibly();
    return kill;
  }

  @SuppressWarnings("SystemOut") // the figures belong into the build's log
  private void assertNothingLostOrPaidTwice(Kill kill, String output) throws IOException {
    for (String folder : List.of("results", "_SUCCESS")) {
      files.copyToLocalFile(
          false,
          new org.apache.hadoop.fs.Path(output + "/" + folder),
          new org.apache.hadoop.fs.Path(place.resolve(folder).toUri()),
          true);
    }
    endpoint.flushRequestLog();
    EndpointLog log = EndpointLog.read(place.resolve("requests.log"));
    List<Cost> costs = Disturbances.of(log, List.of(kill), UNSAVED);
    System.out.print(Disturbances.table(costs, log, ROWS));

    assertThat(Parts.ids(place.resolve("results"))).isEqualTo(Requests.ids(ROWS));
    assertThat(costs)
        .allSatisfy(cost -> assertThat(cost.resent()).isLessThanOrEqualTo(cost.allowed()));
  }

  @Test
  void inClientModeAnExecutorIsKilled() throws IOException {
    Kill kill;
    try (ForkedProcess submission = startOfPage(0)) {
      kill = killOne(submission, Victim.EXECUTOR);
      Finished finished = submission.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isZero();
    }

    assertNothingLostOrPaidTwice(kill, "/user/me/answers");
  }

  @Test
  void inClusterModeTheDriverIsKilledAndTheNextAttemptGoesOn() throws IOException {
    Kill kill;
    try (ForkedProcess submission = startOfPage(1)) {
      kill = killOne(submission, Victim.DRIVER);
      Finished finished = submission.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s%s", finished, cluster.containerLogs()).isZero();
      assertThat(finished.stdout() + finished.stderr()).contains("completed").doesNotContain(KEY);
    }

    assertNothingLostOrPaidTwice(kill, "/user/me/answers-of-a-cluster");
    assertThat(LocalRun.JSON.readTree(place.resolve("summary.json").toFile()).path("status"))
        .hasToString("\"completed\"");
    assertThat(cluster.containerLogs()).contains("settled by an earlier run").doesNotContain(KEY);
  }
}

package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.integration.Disturbances.Cost;
import io.batchinfer.integration.Disturbances.Kill;
import io.batchinfer.integration.Disturbances.Victim;
import io.batchinfer.integration.EndpointLog.Call;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.S3Front;
import io.batchinfer.testing.S3Server;
import io.batchinfer.testing.SparkCluster;
import io.batchinfer.testing.SparkCluster.DeployMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One job on a cluster whose output lies on an S3 server: all executors and later the driver are
 * killed, and the same command goes on. {@code scripts/spark-versions} runs it with the Hadoop of
 * each Spark.
 */
class ObjectStoreKillsIT {
  private static final int ROWS = Integer.getInteger("kills.rows", 1_000);
  private static final int IN_FLIGHT = 16;
  private static final Duration LATENCY = Duration.ofMillis(200);
  private static final Duration FLUSH_INTERVAL = Duration.ofSeconds(2);

  /** Time that a file of the journal may take on a busy machine, on top of the interval. */
  private static final Duration TO_WRITE = Duration.ofSeconds(1);

  private static final String BUCKET = "lake";

  @TempDir Path directory;
  private final List<Kill> kills = new ArrayList<>();
  private final List<Set<String>> kept = new ArrayList<>();

  @Test
  void killsCostNoRowAndOnlyWhatWasNotInTheJournal() throws IOException {
    Path input = Requests.chat(directory.resolve("requests.jsonl"), ROWS, 5);
    Path requestLog = directory.resolve("requests.log");
    SimulatorSettings settings =
        SimulatorSettings.builder().timeToFirstToken(LATENCY).requestLog(requestLog).build();
    try (S3Server server = S3Server.start(directory.resolve("s3"));
        S3Front front = S3Front.before(server);
        SparkCluster cluster = SparkCluster.start(2);
        SimulatedEndpoint endpoint = SimulatedEndpoint.start(settings)) {
      server.makeBucket(BUCKET);
      ObjectStoreOutput output = new ObjectStoreOutput(server, BUCKET + "/out");
      List<String> words = new ArrayList<>(List.of("run", "--input", input.toString()));
      words.addAll(List.of("--output", output.path()));
      words.addAll(List.of("--base-url", endpoint.baseUrl().toString()));
      words.addAll(List.of("--split-bytes", "64KiB", "--concurrency", "" + IN_FLIGHT));
      List<String> options = options(front);

      try (ForkedProcess driver = cluster.startSubmission(DeployMode.CLIENT, options, words)) {
        awaitRows(endpoint, ROWS / 4, driver);
        kill(Victim.EXECUTOR, cluster.executors(), output.awaitKept(driver));
        awaitRows(endpoint, ROWS / 2, driver);
        kill(Victim.DRIVER, List.of(driver.handle()), output.awaitKept(driver));
      }
      try (ForkedProcess driver = cluster.startSubmission(DeployMode.CLIENT, options, words)) {
        Finished finished = driver.waitFor(LONG_ENOUGH);
        assertThat(finished.exitCode()).as("%s", finished).isZero();
      }

      endpoint.flushRequestLog();
      EndpointLog log = EndpointLog.read(requestLog);
      tell(log);
      output.assertWhole(ROWS);
      assertThat(Disturbances.of(log, kills, FLUSH_INTERVAL.plus(TO_WRITE)))
          .allSatisfy(cost -> assertThat(cost.resent()).isLessThanOrEqualTo(cost.allowed()));
      assertThat(log.resent()).as("rows that were under way").isPositive();
      for (Kill kill : kills) {
        assertThat(log.calls())
            .filteredOn(call -> call.arrived() > kill.at())
            .extracting(Call::id)
            .as("sent after kill %d", kill.number())
            .doesNotContainAnyElementsOf(kept.get(kill.number() - 1));
      }
    }
  }

  @SuppressWarnings("SystemOut") // the figures belong into the build's log
  private void tell(EndpointLog log) {
    List<Cost> costs = Disturbances.of(log, kills, FLUSH_INTERVAL);
    System.out.printf(
        "Spark %s, %s%n%s",
        BuiltProduct.sparkVersion(), hadoopAws(), Disturbances.table(costs, log, ROWS));
  }

  private static void awaitRows(SimulatedEndpoint endpoint, int rows, ForkedProcess driver) {
    Eventually.await(
        rows + " rows are answered and more are under way",
        LONG_ENOUGH,
        () ->
            !driver.isAlive()
                || (endpoint.statistics().distinctBodies() >= rows
                    && endpoint.statistics().inFlight() > 0),
        driver::stderr);
  }

  /**
   * @param before the rows that were kept, which nobody may pay for again
   */
  private void kill(Victim victim, List<ProcessHandle> processes, Set<String> before) {
    assertThat(processes).isNotEmpty();
    assertThat(before).isNotEmpty();
    kept.add(before);
    kills.add(new Kill(kills.size() + 1, victim, System.currentTimeMillis()));
    processes.forEach(process -> assertThat(process.destroyForcibly()).isTrue());
  }

  private static List<String> options(S3Front front) throws IOException {
    List<String> options = new ArrayList<>(front.settings());
    try (Stream<Path> jars = Files.list(hadoopAws())) {
      options.addAll(
          List.of("--jars", String.join(",", jars.map(Path::toString).sorted().toList())));
    }
    return options;
  }

  /** What the start script would have brought for {@code s3a:}. */
  private static Path hadoopAws() {
    try (Stream<Path> stores = Files.list(BuiltProduct.cache().resolve("batchinfer"))) {
      List<Path> found =
          stores.filter(path -> path.getFileName().toString().startsWith("hadoop-aws-")).toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.batchinfer.integration.EndpointLog.Call;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.SeparateNetwork;
import io.batchinfer.testing.SparkCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An executor that is cut off from its driver, but not from the endpoint, and comes back. */
class NetworkCutIT {
  private static final int ROWS = 900;
  private static final int IN_FLIGHT = 16;

  /** So slow that what an executor has read ahead lasts longer than its fence. */
  private static final Duration LATENCY = Duration.ofMillis(400);

  private static final long FENCE_MILLIS = OwnershipTiming.DEFAULT.fence().toMillis();

  /** Longer than the silence after which the splits of a process are given to others. */
  private static final Duration CUT =
      OwnershipTiming.DEFAULT.fence().plus(OwnershipTiming.DEFAULT.beat()).plusSeconds(3);

  private static final long AT_ONCE_MILLIS = 50;

  @TempDir Path directory;

  private static SeparateNetwork network() {
    try {
      return SeparateNetwork.open();
    } catch (IllegalStateException e) {
      return abort("this machine permits no network of its own: " + e.getMessage());
    }
  }

  @Test
  void sendsNothingBeyondItsFenceAndNothingOfOldWhenItIsBack() throws IOException {
    Path requestLog = directory.resolve("requests.log");
    try (SeparateNetwork network = network();
        SparkCluster cluster = SparkCluster.startAt(network.clusterAddress(), 1);
        SimulatedEndpoint endpoint =
            SimulatedEndpoint.start(
                SimulatorSettings.builder()
                    .host(network.endpointAddress())
                    .timeToFirstToken(LATENCY)
                    .requestLog(requestLog)
                    .build())) {
      cluster.addWorkerIn(network);
      ClusterJob job = job(cluster, endpoint);
      long cut;
      long mended;
      try (ForkedProcess driver = job.start()) {
        awaitAnswers(100, endpoint, driver);
        cut = System.currentTimeMillis();
        network.cut();
        Eventually.await(
            "time passes",
            CUT.multipliedBy(2),
            () -> System.currentTimeMillis() - cut > CUT.toMillis(),
            driver::stderr);
        mended = System.currentTimeMillis();
        network.mend();
        Finished finished = driver.waitFor(LONG_ENOUGH);
        assertThat(finished.exitCode()).as("%s", finished).isZero();
      }
      endpoint.flushRequestLog();
      EndpointLog log = EndpointLog.read(requestLog);
      List<Call> cutOff =
          log.calls().stream()
              .filter(call -> call.client().equals(network.clientAddress()))
              .toList();
      assertThat(cutOff).as("the executor worked before").anyMatch(call -> call.arrived() < cut);
      judge(log, cutOff, cut, mended);

      assertThat(Parts.ids(job.results())).isEqualTo(Requests.ids(ROWS));
      endpoint.change(settings -> settings.timeToFirstToken(Duration.ZERO));
      assertThat(Parts.text(job.results())).isEqualTo(undisturbedResults(job));
    }
  }

  private String undisturbedResults(ClusterJob job) {
    Path output = directory.resolve("undisturbed");
    Finished finished =
        ForkedProcess.command(
                BuiltProduct.baseDirectory().resolve("scripts/batchinfer").toString(),
                "run",
                "--input",
                job.input().toString(),
                "--output",
                output.toString(),
                "--base-url",
                job.baseUrl(),
                "--master",
                "local[2]")
            .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
            .run(LONG_ENOUGH);
    assertThat(finished.exitCode()).as("%s", finished).isZero();
    return Parts.text(output.resolve("results"));
  }

  private static void judge(EndpointLog log, List<Call> cutOff, long cut, long mended) {
    List<Call> fenced =
        cutOff.stream().filter(call -> call.arrived() > cut && call.arrived() <= mended).toList();
    long lastFenced = fenced.stream().mapToLong(call -> call.arrived() - cut).max().orElse(0);
    Set<Long> connections =
        cutOff.stream()
            .filter(call -> call.arrived() <= mended)
            .map(Call::connection)
            .collect(Collectors.toSet());
    List<Call> back = cutOff.stream().filter(call -> call.arrived() > mended).toList();
    long latestOld =
        back.stream()
            .filter(call -> connections.contains(call.connection()))
            .mapToLong(call -> call.arrived() - mended)
            .max()
            .orElse(0);
    long firstNew = back.stream().mapToLong(call -> call.arrived() - mended).min().orElse(-1);
    long inFlight =
        cutOff.stream().filter(call -> call.arrived() <= cut && call.ended() > cut).count();
    tell(
        "cut off for %d ms: last request %d ms after the cut; back: of old %d ms later, first new %d ms later; %d in flight, re-sent %d"
            .formatted(mended - cut, lastFenced, latestOld, firstNew, inFlight, log.resent()));
    assertThat(lastFenced)
        .as("last request of the one cut off")
        .isBetween(FENCE_MILLIS / 2, FENCE_MILLIS + AT_ONCE_MILLIS);
    assertThat(latestOld).as("of old when it is back").isLessThanOrEqualTo(AT_ONCE_MILLIS);
    assertThat((long) log.resent()).isLessThanOrEqualTo(inFlight);
  }

  private ClusterJob job(SparkCluster cluster, SimulatedEndpoint endpoint) throws IOException {
    Path input = directory.resolve("requests.jsonl");
    return new ClusterJob(
        cluster,
        Requests.chat(input, ROWS, 13),
        directory.resolve("out"),
        endpoint.baseUrl().toString(),
        List.of("--split-bytes", "32KiB", "--concurrency", Integer.toString(IN_FLIGHT)));
  }

  private static void awaitAnswers(int answers, SimulatedEndpoint endpoint, ForkedProcess driver) {
    Eventually.await(
        answers + " answers",
        LONG_ENOUGH,
        () -> endpoint.statistics().ok() >= answers || !driver.isAlive(),
        driver::stderr);
  }

  @SuppressWarnings("SystemOut") // the figures belong into the build's log
  private static void tell(String line) {
    System.out.println(line);
  }
}

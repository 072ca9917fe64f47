package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.integration.EndpointLog.Call;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.OpenSockets;
import io.batchinfer.testing.Signals;
import io.batchinfer.testing.SparkCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that stand still longer than their fence and then go on. */
class FenceIT {
  private static final int ROWS = 2_500;
  private static final int IN_FLIGHT = 16;
  private static final Duration LATENCY = Duration.ofMillis(200);
  private static final Duration FLUSH_INTERVAL = Duration.ofMillis(250);

  private static final Duration BEYOND_THE_FENCE =
      OwnershipTiming.DEFAULT.fence().plus(OwnershipTiming.DEFAULT.beat()).plusSeconds(2);
  private static final long AT_ONCE_MILLIS = 50;

  /** How late a flush may be on a machine that is slow and has other work. */
  private static final Duration JITTER = Duration.ofSeconds(1);

  /** In flight, and answered within a flush interval. */
  private static final int MOST_RESENT =
      IN_FLIGHT + (int) (IN_FLIGHT * FLUSH_INTERVAL.plus(JITTER).toMillis() / LATENCY.toMillis());

  @TempDir Path directory;
  private Path input;
  private SimulatedEndpoint endpoint;

  @BeforeEach
  void prepare() throws IOException {
    input = Requests.chat(directory.resolve("requests.jsonl"), ROWS, 11);
    endpoint = endpoint("requests.log");
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  private SimulatedEndpoint endpoint(String log) {
    return SimulatedEndpoint.start(
        SimulatorSettings.builder()
            .timeToFirstToken(LATENCY)
            .requestLog(directory.resolve(log))
            .build());
  }

  private EndpointLog log(SimulatedEndpoint from, String name) {
    from.flushRequestLog();
    return EndpointLog.read(directory.resolve(name));
  }

  private ForkedProcess local(SimulatedEndpoint to, Path output, String... more) {
    List<String> words = new ArrayList<>();
    words.add(BuiltProduct.baseDirectory().resolve("scripts/batchinfer").toString());
    words.addAll(List.of("run", "--input", input.toString(), "--output", output.toString()));
    words.addAll(List.of("--base-url", to.baseUrl().toString(), "--split-bytes", "64KiB"));
    words.addAll(List.of("--concurrency", Integer.toString(IN_FLIGHT), "--master", "local[2]"));
    words.addAll(Arrays.asList(more));
    return ForkedProcess.command(words)
        .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
        .start();
  }

  private static void awaitAnswers(SimulatedEndpoint from, int answers, ForkedProcess run) {
    Eventually.await(
        answers + " answers",
        LONG_ENOUGH,
        () -> from.statistics().ok() >= answers || !run.isAlive(),
        run::stderr);
    assertThat(run.isAlive()).as("the run goes on: %s", run.stderr()).isTrue();
  }

  private static void standStill(Duration howLong) {
    long until = System.nanoTime() + howLong.toNanos();
    Eventually.await(
        "time passes",
        howLong.multipliedBy(2),
        () -> System.nanoTime() - until > 0,
        () -> "the clock stands still");
  }

  private String undisturbedResults() {
    Path output = directory.resolve("undisturbed");
    endpoint.change(settings -> settings.timeToFirstToken(Duration.ZERO));
    try (ForkedProcess run = local(endpoint, output)) {
      Finished finished = run.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isZero();
    }
    return Parts.text(output.resolve("results"));
  }

  /** Milliseconds from that moment to the last request that came later, 0 for none. */
  private static long latestAfter(long moment, List<Call> calls) {
    return calls.stream().mapToLong(call -> Math.max(0, call.arrived() - moment)).max().orElse(0);
  }

  @SuppressWarnings("SystemOut") // the figures belong into the build's log
  private static void tell(String line) {
    System.out.println(line);
  }

  @Test
  void aStoppedRunThatIsTakenOverSendsNothingWhenItGoesOn() throws IOException {
    Path output = directory.resolve("out");
    try (SimulatedEndpoint other = endpoint("other.log");
        ForkedProcess first = local(endpoint, output)) {
      awaitAnswers(endpoint, 300, first);
      Signals.stop(first.handle());
      try (ForkedProcess second = local(other, output, "--take-over")) {
        awaitAnswers(other, 300, second);
        // The signal takes the machine its time: what was on its way before comes until then.
        Signals.resume(first.handle());
        long continued = System.currentTimeMillis();
        Finished stopped = first.waitFor(LONG_ENOUGH);
        Finished finished = second.waitFor(LONG_ENOUGH);

        long latest = latestAfter(continued, log(endpoint, "requests.log").calls());
        tell("taken over: last request " + latest + " ms after the stopped run went on");
        assertThat(latest).isLessThanOrEqualTo(AT_ONCE_MILLIS);
        assertThat(stopped.exitCode())
            .as("%s", stopped)
            .isEqualTo(ErrorCode.OWNED_BY_ANOTHER_RUN.exitCode());
        assertThat(stopped.stderr()).contains("Another run took over", output.toString());
        assertThat(finished.exitCode()).as("%s", finished).isZero();
      }
      List<Call> all = new ArrayList<>(log(endpoint, "requests.log").calls());
      all.addAll(log(other, "other.log").calls());
      int resent = new EndpointLog(all).resent();
      tell("taken over: re-sent " + resent);
      assertThat(resent).isLessThanOrEqualTo(MOST_RESENT);
    }
    assertThat(Files.readString(output.resolve("job.json"))).contains("\"completed\"");
    assertThat(output.resolve("_SUCCESS")).exists();
    assertThat(Parts.ids(output.resolve("results"))).isEqualTo(Requests.ids(ROWS));
    assertThat(Parts.text(output.resolve("results"))).isEqualTo(undisturbedResults());
  }

  @Test
  void theSameCommandTwiceAtOnceAndAgainAfterAStopOfTheFirst() throws IOException {
    Path output = directory.resolve("out");
    try (ForkedProcess first = local(endpoint, output);
        ForkedProcess second = local(endpoint, output)) {
      Eventually.await(
          "one of two gives way",
          LONG_ENOUGH,
          () -> !(first.isAlive() && second.isAlive()),
          first::stderr);
      ForkedProcess loser = first.isAlive() ? second : first;
      ForkedProcess winner = first.isAlive() ? first : second;
      Finished turnedAway = loser.waitFor(LONG_ENOUGH);
      assertThat(turnedAway.exitCode())
          .as("%s", turnedAway)
          .isEqualTo(ErrorCode.OWNED_BY_ANOTHER_RUN.exitCode());
      awaitAnswers(endpoint, 300, winner);
      Signals.send("KILL", winner.handle());
      winner.waitFor(LONG_ENOUGH);
    }
    try (ForkedProcess third = local(endpoint, output)) {
      Finished finished = third.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isZero();
    }
    int resent = log(endpoint, "requests.log").resent();
    tell("twice at once, killed, again: re-sent " + resent);
    assertThat(resent).isLessThanOrEqualTo(MOST_RESENT);
    assertThat(Parts.ids(output.resolve("results"))).isEqualTo(Requests.ids(ROWS));
  }

  @Test
  void aStoppedExecutorSendsNothingOfWhatItHadWhenItGoesOn() {
    try (SparkCluster cluster = SparkCluster.start(2)) {
      ClusterJob job =
          new ClusterJob(
              cluster,
              input,
              directory.resolve("out"),
              endpoint.baseUrl().toString(),
              List.of("--split-bytes", "64KiB", "--concurrency", Integer.toString(IN_FLIGHT)));
      try (ForkedProcess driver = job.start()) {
        awaitAnswers(endpoint, 300, driver);
        ProcessHandle executor = cluster.executors().get(0);
        Signals.stop(executor);
        long stoppedAt = System.currentTimeMillis();
        Set<Integer> ports = OpenSockets.portsOf(executor);
        standStill(BEYOND_THE_FENCE);
        Signals.resume(executor);
        long continued = System.currentTimeMillis();
        Finished finished = driver.waitFor(LONG_ENOUGH);
        assertThat(finished.exitCode()).as("%s", finished).isZero();

        EndpointLog log = log(endpoint, "requests.log");
        List<Call> ofTheStopped = log.onConnectionsOf(ports, stoppedAt);
        long latest = latestAfter(continued, ofTheStopped);
        tell(
            "stopped executor: last request %d ms after it went on, re-sent %d"
                .formatted(latest, log.resent()));
        assertThat(ofTheStopped).isNotEmpty();
        assertThat(latest).isLessThanOrEqualTo(AT_ONCE_MILLIS);
        assertThat(log.resent()).isLessThanOrEqualTo(MOST_RESENT);
      }
      assertThat(Parts.ids(job.results())).isEqualTo(Requests.ids(ROWS));
    }
    assertThat(Parts.text(directory.resolve("out/results"))).isEqualTo(undisturbedResults());
  }
}

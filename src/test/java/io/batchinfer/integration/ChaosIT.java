package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.integration.Disturbances.Cost;
import io.batchinfer.integration.Disturbances.Kill;
import io.batchinfer.integration.Disturbances.Victim;
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
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One job on a real cluster whose executors and driver are killed at random, over and over; the
 * endpoint's own log is the judge. {@code -Dchaos.rows}, {@code -Dchaos.kills} and {@code
 * -Dchaos.seed} make it longer or repeat it; {@code scripts/chaos} runs the long one.
 */
class ChaosIT {
  private static final int ROWS = Integer.getInteger("chaos.rows", 8_000);
  private static final int KILLS = Integer.getInteger("chaos.kills", 3);
  private static final long SEED = Long.getLong("chaos.seed", System.nanoTime());
  private static final int WORKERS = 2;
  private static final int IN_FLIGHT = 64;
  private static final Duration LATENCY = Duration.ofMillis(200);
  private static final Duration FLUSH_INTERVAL = Duration.ofMillis(250);

  /** What the endpoint answers in two seconds at most. */
  private static final int TWO_SECONDS_OF_ROWS =
      (int) (IN_FLIGHT * Duration.ofSeconds(2).dividedBy(LATENCY));

  /** Time that a busy machine may take on top of an interval. */
  private static final Duration JITTER = Duration.ofSeconds(1);

  private static final double MOST_PERCENT_RESENT = 3;

  @TempDir Path directory;
  private final Random random = new Random(SEED);
  private final List<Kill> kills = new ArrayList<>();
  private final long began = System.nanoTime();
  private final StringBuilder story = new StringBuilder();

  @Test
  void killedProcessesCostNoRowAndOnlyWhatWasUnderWay() throws IOException {
    tell("seed %d, %d rows, %d times kill -9".formatted(SEED, ROWS, KILLS));
    Path input = Requests.chat(directory.resolve("requests.jsonl"), ROWS, 7);
    Path requestLog = directory.resolve("requests.log");
    try (SparkCluster cluster = SparkCluster.start(WORKERS);
        SimulatedEndpoint quiet = SimulatedEndpoint.start(SimulatorSettings.defaults());
        SimulatedEndpoint endpoint =
            SimulatedEndpoint.start(
                SimulatorSettings.builder()
                    .timeToFirstToken(LATENCY)
                    .requestLog(requestLog)
                    .build())) {
      ClusterJob undisturbed = job(cluster, input, "undisturbed", quiet);
      ClusterJob disturbed = job(cluster, input, "disturbed", endpoint);
      try (ForkedProcess run = undisturbed.start()) {
        Finished finished = run.waitFor(LONG_ENOUGH);
        assertThat(finished.exitCode()).as("%s", finished).isZero();
      }

      tell("the undisturbed run is done");

      disturb(cluster, endpoint, disturbed);
      tell("the disturbed run is done");

      endpoint.flushRequestLog();
      EndpointLog log = EndpointLog.read(requestLog);
      List<Cost> costs = Disturbances.of(log, kills, FLUSH_INTERVAL);
      tell("\n" + Disturbances.table(costs, log, ROWS));
      assertThat(Parts.ids(disturbed.results()))
          .as("rows lost or invented")
          .isEqualTo(Requests.ids(ROWS));
      assertThat(Parts.text(disturbed.results())).isEqualTo(Parts.text(undisturbed.results()));
      assertThat(Parts.text(disturbed.errors())).isEqualTo(Parts.text(undisturbed.errors()));
      assertThat(Disturbances.of(log, kills, FLUSH_INTERVAL.plus(JITTER)))
          .allSatisfy(cost -> assertThat(cost.resent()).isLessThanOrEqualTo(cost.allowed()))
          .filteredOn(cost -> cost.kill().victim() == Victim.DRIVER_ASKED_TO_END)
          .allSatisfy(cost -> assertThat(cost.resent()).isZero());
      assertThat(costs).extracting(Cost::inFlight).anyMatch(inFlight -> inFlight > 0);
      if (ROWS >= 1_000 * KILLS) {
        assertThat(Disturbances.percent(log, ROWS)).isLessThanOrEqualTo(MOST_PERCENT_RESENT);
      }
    }
  }

  private ClusterJob job(
      SparkCluster cluster, Path input, String name, SimulatedEndpoint endpoint) {
    List<String> options =
        List.of("--split-bytes", "128KiB", "--concurrency", Integer.toString(IN_FLIGHT));
    return new ClusterJob(
        cluster, input, directory.resolve(name), endpoint.baseUrl().toString(), options);
  }

  /** Kills at random moments of the job, spread over its rows, and sees it through to the end. */
  private void disturb(SparkCluster cluster, SimulatedEndpoint endpoint, ClusterJob job) {
    List<Victim> victims = victims();
    int[] moments = moments(victims);
    tell("at " + Arrays.toString(moments) + " rows: " + victims);
    ForkedProcess driver = job.start();
    try {
      for (int i = 0; i < moments.length; i++) {
        awaitRows(endpoint, driver, moments[i]);
        Victim victim = victims.get(i);
        if (victim == Victim.EXECUTOR) {
          killAnExecutor(cluster, driver);
        } else {
          endDriver(driver, victim);
          driver.close();
          driver = job.start();
        }
      }
      Finished finished = driver.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s\n%s", story, finished).isZero();
    } finally {
      driver.close();
    }
  }

  /** One of three is the driver; one more of ten is asked to end instead of killed. */
  private List<Victim> victims() {
    List<Victim> victims = new ArrayList<>();
    for (int i = 0; i < KILLS; i++) {
      victims.add(i % 3 == 0 ? Victim.DRIVER : Victim.EXECUTOR);
      if (i % 10 == 0) {
        victims.add(Victim.DRIVER_ASKED_TO_END);
      }
    }
    Collections.shuffle(victims, random);
    return victims;
  }

  /**
   * Rows after which each victim's hour has come. Two processes may be killed in the same moment;
   * one that is asked to end must cost nothing, so nobody dies in the two seconds before, whose
   * loss the log could not tell from its own.
   */
  private int[] moments(List<Victim> victims) {
    long asked = victims.stream().filter(Victim.DRIVER_ASKED_TO_END::equals).count();
    int apart = Math.min(TWO_SECONDS_OF_ROWS, ROWS / 4 / victims.size());
    int last = ROWS * 9 / 10 - (int) asked * apart;
    int[] moments = random.ints(victims.size(), ROWS / 20, last).sorted().toArray();
    int later = 0;
    for (int i = 0; i < moments.length; i++) {
      later += victims.get(i) == Victim.DRIVER_ASKED_TO_END ? apart : 0;
      moments[i] += later;
    }
    return moments;
  }

  private void awaitRows(SimulatedEndpoint endpoint, ForkedProcess driver, int rows) {
    Eventually.await(
        rows + " rows are answered and more are under way",
        LONG_ENOUGH,
        () -> {
          if (!driver.isAlive()) {
            throw new AssertionError(
                story + "The driver ended by itself: " + driver.waitFor(LONG_ENOUGH));
          }
          return endpoint.statistics().distinctBodies() >= rows
              && endpoint.statistics().inFlight() > 0;
        },
        () -> story + endpoint.statistics().toString() + driver.stderr());
  }

  private void killAnExecutor(SparkCluster cluster, ForkedProcess driver) {
    Eventually.await(
        "there is an executor to kill",
        LONG_ENOUGH,
        () -> !cluster.executors().isEmpty(),
        driver::stderr);
    List<ProcessHandle> executors = cluster.executors();
    ProcessHandle executor = executors.get(random.nextInt(executors.size()));
    note(Victim.EXECUTOR, executor);
    executor.destroyForcibly();
  }

  private void endDriver(ForkedProcess driver, Victim how) {
    note(how, driver.handle());
    Signals.send(how == Victim.DRIVER ? "KILL" : "TERM", driver.handle());
    Finished finished = driver.waitFor(LONG_ENOUGH);
    if (how == Victim.DRIVER_ASKED_TO_END) {
      assertThat(finished.stderr()).contains("Saved. The same command goes on");
    }
  }

  private void note(Victim victim, ProcessHandle process) {
    kills.add(new Kill(kills.size() + 1, victim, System.currentTimeMillis()));
    tell("kill %d: %s %d".formatted(kills.size(), victim, process.pid()));
  }

  @SuppressWarnings("SystemOut") // the seed and the figures belong into the build's log
  private void tell(String line) {
    String timed =
        "%4d s  %s".formatted(Duration.ofNanos(System.nanoTime() - began).toSeconds(), line);
    story.append(timed).append('\n');
    System.out.println(timed);
  }
}

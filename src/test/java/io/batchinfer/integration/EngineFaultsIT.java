package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.Signals;
import io.batchinfer.testing.SparkCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * One large job through everything that engines do wrong, and all that may happen to those that
 * started them. {@code scripts/chaos-engines} runs it; too long for every build, in which {@link
 * EngineIT} has the kinds of it.
 */
@EnabledIfSystemProperty(named = "chaos.engine.rows", matches = "[0-9]+")
class EngineFaultsIT {
  private static final int ROWS = Integer.getInteger("chaos.engine.rows", 50_000);

  @TempDir Path directory;

  /**
   * The first engine finds its port taken by another's server, which no mark names; the second one
   * takes a minute to start, or less where the job would be over by then.
   */
  private String troubledAtFirst() {
    Path first = directory.resolve("first");
    Path second = directory.resolve("second");
    String taker =
        "env -u BATCHINFER_STARTED_FOR setsid timeout 60 %s -m http.server --bind 127.0.0.1 {port} >/dev/null 2>&1 & sleep 2;"
            .formatted("python3");
    return "if mkdir %s 2>/dev/null; then %s elif mkdir %s 2>/dev/null; then sleep %d; fi;"
        .formatted(first, taker, second, ROWS < 30_000 ? 5 : 60);
  }

  private static void awaitSettled(EngineJob job, ForkedProcess driver, double share) {
    Eventually.await(
        "%.0f %% of the rows are settled".formatted(100 * share),
        EngineJob.LONG_ENOUGH,
        () -> !driver.isAlive() || settled(job) >= share * ROWS,
        driver::stderr);
    assertThat(driver.isAlive()).as("%s%n%s", driver.stderr(), job.logs()).isTrue();
    System.out.printf("%d rows are settled%n", settled(job));
  }

  private static long settled(EngineJob job) {
    try {
      return Files.exists(job.output().resolve("job.json"))
          ? job.record().path("succeeded_requests").asLong()
          : 0;
    } catch (IOException replacedMeanwhile) {
      return 0;
    }
  }

  @Test
  void everyRowIsAnsweredOnceWhateverBecomesOfEngines() throws IOException {
    try (SparkCluster cluster = SparkCluster.start(2)) {
      EngineJob job = new EngineJob(cluster, directory, ROWS);
      neverReady(job);
      untilTheDriverIsKilled(cluster, job);
      String refusing = job.simulator("--fault", "http_503=0.05", "--fault", "http_500=0.01");
      try (ForkedProcess driver = job.start(refusing, "--engine-hung-after", "5s")) {
        Finished finished = driver.waitFor(EngineJob.LONG_ENOUGH);
        job.assertAllAnswered(finished);
        job.assertSecretIsKept(finished);
      }
      job.assertNoneIsLeft("once the job has ended");
      cancelled(new EngineJob(cluster, Files.createDirectory(directory.resolve("other")), ROWS));
    }
  }

  private static void neverReady(EngineJob job) throws IOException {
    try (ForkedProcess driver =
        job.start(job.simulator("--fault", "http_500=1"), "--engine-ready-timeout", "15s")) {
      Finished finished = driver.waitFor(EngineJob.LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isOne();
      assertThat(finished.stderr()).contains("No engine came up", "it was not ready within");
    }
    assertThat(job.record().path("attempts").asInt()).isZero();
    job.assertNoneIsLeft("once none was ready in time");
  }

  private void untilTheDriverIsKilled(SparkCluster cluster, EngineJob job) throws IOException {
    try (ForkedProcess driver =
        job.start(job.simulatorAfter(troubledAtFirst()), "--engine-hung-after", "5s")) {
      job.awaitSending(driver, 2);
      awaitSettled(job, driver, 0.15);
      List<ProcessHandle> serving = job.engines();
      serving.get(0).destroyForcibly();
      job.awaitGone("of one that was killed", serving.subList(0, 1));
      awaitSettled(job, driver, 0.3);
      Signals.stop(serving.get(1));
      job.awaitGone("of one that hung", serving.subList(1, 2));
      awaitSettled(job, driver, 0.45);
      List<ProcessHandle> before = job.engines();
      cluster.executors().get(0).destroyForcibly();
      Eventually.await(
          "the engine of the killed executor is gone",
          EngineJob.TO_BE_GONE,
          () -> before.stream().anyMatch(engine -> !engine.isAlive()),
          driver::stderr);
      awaitSettled(job, driver, 0.6);
      assertThat(driver.stderr()).contains("was taken by another process");
      driver.handle().destroyForcibly();
      job.assertNoneIsLeft("once the driver was killed");
    }
  }

  private static void cancelled(EngineJob job) throws IOException {
    try (ForkedProcess driver = job.start(job.simulator())) {
      job.awaitSending(driver, 2);
      awaitSettled(job, driver, 0.02);
      Files.createFile(job.output().resolve("_journal/cancel"));
      Finished finished = driver.waitFor(EngineJob.LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isEqualTo(4);
    }
    job.assertNoneIsLeft("once the job was cancelled");
  }
}

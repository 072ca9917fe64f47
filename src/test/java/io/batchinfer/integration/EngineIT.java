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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Engines on a standalone cluster of two executors: what becomes of rows, and of the engines'
 * processes, when an engine, an executor or the driver is killed, when an engine hangs, when none
 * comes up and on a cancel.
 */
class EngineIT {
  private static final int ROWS = 800;

  private static SparkCluster cluster;
  @TempDir Path directory;
  private EngineJob job;

  @BeforeAll
  static void startCluster() {
    cluster = SparkCluster.start(2);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @BeforeEach
  void prepare() {
    job = new EngineJob(cluster, directory, ROWS);
  }

  /** Whatever a test has come to, the next one begins with the processors of its own. */
  @AfterEach
  void nothingIsLeft() {
    job.assertNoneIsLeft("after the test");
  }

  @Test
  void enginesThatDieOrHangAreReplacedAndThoseOfADeadExecutorOrDriverAreGone() throws IOException {
    try (ForkedProcess driver = job.start(job.simulator())) {
      job.awaitSending(driver, 2);
      List<ProcessHandle> before = job.engines();
      cluster.executors().get(0).destroyForcibly();
      Eventually.await(
          "the engine of the killed executor is gone",
          EngineJob.TO_BE_GONE,
          () -> before.stream().anyMatch(engine -> !engine.isAlive()),
          driver::stderr);
      driver.handle().destroyForcibly();
      job.assertNoneIsLeft("once an executor and the driver were killed");
    }
    try (ForkedProcess again = job.start(job.simulator(), "--engine-hung-after", "3s")) {
      job.awaitSending(again, 2);
      List<ProcessHandle> serving = job.engines();
      serving.get(0).destroyForcibly();
      Signals.stop(serving.get(1));
      Finished finished = again.waitFor(EngineJob.LONG_ENOUGH);
      job.assertAllAnswered(finished);
      job.assertSecretIsKept(finished);
    }
    assertThat(job.restarts()).isEqualTo(2);
    job.assertNoneIsLeft("once the job has ended");
  }

  @Test
  void anEngineOfAMachineIsOneAndOutlivesItsExecutorAsAnotherOnes() throws IOException {
    try (ForkedProcess driver = job.start(job.simulator(), "--engine-per", "node")) {
      job.awaitSending(driver, 1);
      assertThat(job.engines()).hasSize(1);
      ProcessHandle first = job.engines().get(0);
      ProcessHandle watch = first.parent().orElseThrow();
      watch.parent().orElseThrow().destroyForcibly();
      Finished finished = driver.waitFor(EngineJob.LONG_ENOUGH);
      job.assertAllAnswered(finished);
      assertThat(first.isAlive()).isFalse();
      assertThat(finished.stderr().split(" is starting", -1).length - 1)
          .as("%s", finished.stderr())
          .isGreaterThanOrEqualTo(1);
      assertThat(finished.stderr())
          .contains("is started again: the process that kept it is gone.")
          .doesNotContain("engine of executor");
    }
    job.assertNoneIsLeft("once the job has ended");
  }

  @Test
  void anEngineThatIsNeverReadyEndsTheJobAndACancelEndsOneThatStarts() throws IOException {
    try (ForkedProcess driver = job.start(job.neverReady(), "--engine-ready-timeout", "3s")) {
      Finished finished = driver.waitFor(EngineJob.LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isOne();
      assertThat(finished.stderr()).contains("No engine came up", "it was not ready within");
    }
    job.assertNoneIsLeft("once the job has failed");
    try (ForkedProcess driver = job.start(job.neverReady())) {
      Eventually.await(
          "engines are starting",
          EngineJob.LONG_ENOUGH,
          () -> !driver.isAlive() || job.engines().size() == 2,
          driver::stderr);
      Files.createFile(job.output().resolve("_journal/cancel"));
      Finished finished = driver.waitFor(EngineJob.LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isEqualTo(4);
    }
    job.assertNoneIsLeft("once the job was cancelled");
  }
}

package io.batchinfer.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.SparkCluster.DeployMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SparkClusterIT {
  @TempDir Path directory;
  private SparkCluster cluster;

  @BeforeAll
  void startCluster() {
    cluster = SparkCluster.start(2);
  }

  @AfterAll
  void stopCluster() {
    cluster.close();
  }

  @Test
  void aClientModeJobPrintsItsOutputAndReturnsItsExitCode() throws IOException {
    Finished finished = submit(DeployMode.CLIENT, "7");

    assertThat(finished.exitCode()).as("%s", finished).isEqualTo(7);
    assertThat(finished.stdout()).contains("counted 100");
  }

  @Test
  void aClusterModeJobRunsOnAWorker() throws IOException {
    Finished finished = submit(DeployMode.CLUSTER, "0");

    assertThat(finished.exitCode()).as("%s", finished).isEqualTo(0);
    assertThat(cluster.driverOutput()).contains("counted 100");
  }

  private Finished submit(DeployMode mode, String exitCode) throws IOException {
    try (ForkedProcess submission =
        cluster.startSubmission(
            mode,
            CountingJob.class.getName(),
            ClassJar.of(CountingJob.class, directory),
            List.of(),
            List.of(exitCode))) {
      return submission.waitFor(Duration.ofMinutes(3));
    }
  }
}

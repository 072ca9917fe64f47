package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Spark's cluster managers say of an executor, word by word as Spark 4.0 to 4.2 put it. */
class DeathTest {
  private static final String CONTAINER = "container_1795911294155_0001_01_000002";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Command exited with code 134                                                     | CRASHED
          Command exited with code 52                                                      | CRASHED
          Unable to create executor due to: exited with code 1                             | CRASHED
          Command exited with code 137                                                     | UNEXPLAINED
          Executor Process Lost                                                            | UNEXPLAINED
          Stale executor after cluster manager re-registered.                              | UNEXPLAINED
          Remote RPC client disassociated. Likely due to containers exceeding thresholds, or network issues. | UNEXPLAINED
          Executor heartbeat timed out after 130000 ms                                     | UNEXPLAINED
          Command exited with code 143                                                     | TAKEN
          Executor killed by driver.                                                       | TAKEN
          Executor decommission: spot instance is going away                               | TAKEN
          worker lost: Worker shutting down                                                | TAKEN
          Command exited with code 0                                                       | TAKEN
          """)
  void theWordsOfSparkItselfTellWhatHappened(String reason, Death death) {
    assertThat(Death.ofReason(reason)).isEqualTo(death);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Container killed by YARN for exceeding physical memory limits. 1.1 GB of 1 GB physical memory used. Consider boosting spark.executor.memoryOverhead. | CRASHED
          Container killed by YARN for exceeding physical memory limits.  Consider boosting spark.executor.memoryOverhead. | CRASHED
          Container killed by YARN for exceeding virtual memory limits. 2.3 GB of 2.1 GB virtual memory used. Consider boosting spark.executor.memoryOverhead or boosting yarn.nodemanager.vmem-pmem-ratio or disabling yarn.nodemanager.vmem-check-enabled because of YARN-4714. | CRASHED
          Container from a bad node: %s on host: h. Exit status: 52. Diagnostics: [2026-11-29 00:40:01.220]Exception from container-launch. | CRASHED
          Container from a bad node: %s on host: h. Exit status: 3. Diagnostics: [2026-11-29 00:40:01.220]Exception from container-launch. | CRASHED
          Container from a bad node: %s on host: h. Exit status: 137. Diagnostics: [2026-11-29 00:40:01.220]Container killed on request. Exit code is 137 | UNEXPLAINED
          Container from a bad node: %s on host: h. Exit status: 143. Diagnostics: [2026-11-29 00:40:01.220]Container killed on request. Exit code is 143 | TAKEN
          Container from a bad node: %s on host: h. Exit status: 154. Diagnostics: Container exited with a non-zero exit code 154. | TAKEN
          Container from a bad node: %s on host: h. Exit status: -108. Diagnostics: Container killed by the ContainerScheduler. | TAKEN
          Container marked as failed: %s on host: h. Exit status: -100. Diagnostics: Container released on a *lost* node. | TAKEN
          Container marked as failed: %s on host: h. Exit status: -101. Diagnostics: Most of the disks failed. | TAKEN
          Container marked as failed: %s on host: h. Exit status: -105. Diagnostics: Container killed by the ApplicationMaster. | TAKEN
          Container marked as failed: %s on host: h. Exit status: -106. Diagnostics: Container killed by the ResourceManager. | TAKEN
          Container %s on host: h was preempted. | TAKEN
          Container %s exited from explicit termination request. | TAKEN
          Executor for container %s exited because of a YARN event (e.g., pre-emption) and not because of an error in the running job. | TAKEN
          Executor for container %s exited after Application shutdown. | TAKEN
          """)
  void theWordsOfYarnTellWhatHappened(String reason, Death death) {
    assertThat(Death.ofReason(reason.formatted(CONTAINER))).isEqualTo(death);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          137 | (SIGKILL, possible container OOM)      |         | OOMKilled          | CRASHED
          52  | (JVM OOM)                              |         | Error              | CRASHED
          139 | (SIGSEGV: that's unexpected)           |         | Error              | CRASHED
          1   | (generic, look at logs to clarify)     |         | Error              | CRASHED
          137 | (SIGKILL, possible container OOM)      |         | Error              | UNEXPLAINED
          143 | (unexpected)                           |         | Error              | TAKEN
          0   | (success)                              |         | Completed          | TAKEN
          137 | (SIGKILL, possible container OOM)      | Evicted | Error              | TAKEN
          -1  | (unexpected)                           | Evicted | N/A                | TAKEN
          137 | (SIGKILL, possible container OOM)      | Preempting | Error           | TAKEN
          143 | (unexpected)                           | Terminated | Error           | TAKEN
          137 | (SIGKILL, possible container OOM)      | NodeLost | N/A               | TAKEN
          """)
  void theStateOfAPodTellsWhatHappened(
      int code, String explained, @Nullable String reason, String termination, Death death) {
    String brief = reason == null ? "" : "The API gave the following brief reason: " + reason;
    String words =
        """

        The executor with id 3 exited with exit code %d%s.
        %s


        The API gave the following container statuses:


        \t container name: spark-kubernetes-executor
        \t container image: batchinfer:1
        \t container state: terminated
        \t container started at: 2026-11-29T00:40:01Z
        \t container finished at: 2026-11-29T00:41:01Z
        \t exit code: %d
        \t termination reason: %s
        """
            .formatted(code, explained, brief, code, termination);

    assertThat(Death.ofReason(words)).isEqualTo(death);
  }

  @Test
  void aPodThatIsDeletedWasTakenAway() {
    assertThat(Death.ofReason("The executor with id 3 was deleted by a user or the framework."))
        .isEqualTo(Death.TAKEN);
  }

  @Test
  void aPodThatVanishedIsUnexplained() {
    String words =
        "The executor with ID 3 (registered at 1795911294155 ms) was not found in the cluster at"
            + " the polling time (1795911394155 ms) which is after the accepted detect delta time"
            + " (30000 ms) configured by `spark.kubernetes.executor.missingPodDetectDelta`. The"
            + " executor may have been deleted but the driver missed the deletion event. Marking"
            + " this executor as failed.";

    assertThat(Death.ofReason(words)).isEqualTo(Death.UNEXPLAINED);
  }
}

package io.batchinfer.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExecutorDeathsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Command exited with code 137",
        "The executor with id 3 exited with exit code 137(SIGKILL, possible container OOM).",
        "Container from a bad node: container_1_0001_01_000002 on host: h. Exit status: 143."
            + " Diagnostics: [2026-11-29 00:40:01.220]Container killed on request.",
        "Container killed by YARN for exceeding physical memory limits. 1.1 GB of 1 GB physical"
            + " memory used. Consider boosting spark.executor.memoryOverhead.",
      })
  void anExitCodeProvesAnEnd(String reason) {
    assertThat(ExecutorDeaths.isCertain(reason)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "worker lost",
        "Container container_1_0001_01_000002 on host: h was preempted.",
        "Container container_1_0001_01_000002 exited from explicit termination request.",
        "Container marked as failed: container_1 on host: h. Exit status: -106. Diagnostics: killed",
        "The executor with id 3 was deleted by a user or the framework.",
        "The executor with id 3 exited with exit code -1(unexpected).",
        "Remote RPC client disassociated. Likely due to containers exceeding thresholds, or"
            + " network issues. Check driver logs for WARN messages.",
        "Executor heartbeat timed out after 121034 ms",
        "Container marked as failed: container_1 on host: h. Exit status: -100. Diagnostics: lost",
        "Executor decommission: worker decommissioned because of kill request from HTTP endpoint.",
        "",
      })
  void anExecutorThatIsMerelyLostMayBeSendingStill(String reason) {
    assertThat(ExecutorDeaths.isCertain(reason)).isFalse();
  }
}

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
        "Container from a bad node: container_1_0001_01_000002 on host: h. Exit status: 143.",
      })
  void anExitCodeProvesAnEnd(String reason) {
    assertThat(ExecutorDeaths.isCertain(reason)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "worker lost",
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

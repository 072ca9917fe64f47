package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeathTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Command exited with code 134                                             | CRASHED
          Command exited with code 52                                              | CRASHED
          Unable to create executor due to: exited with code 1                     | CRASHED
          Container from a bad node. Exit status: -104. Diagnostics: beyond limits | CRASHED
          Command exited with code 137                                             | UNEXPLAINED
          The executor with id 3 exited with exit code 137(SIGKILL, possible OOM)  | UNEXPLAINED
          Remote RPC client disassociated. Likely due to network issues.           | UNEXPLAINED
          Executor heartbeat timed out after 130000 ms                             | UNEXPLAINED
          Command exited with code 143                                             | TAKEN
          The executor with id 3 exited with exit code 143(SIGTERM)                | TAKEN
          Container was preempted. Exit status: -102.                              | TAKEN
          Executor decommission: spot instance is going away                       | TAKEN
          worker lost: Worker shutting down                                        | TAKEN
          Command exited with code 0                                               | TAKEN
          """)
  void theWordsOfAClusterManagerTellWhatHappened(String reason, Death death) {
    assertThat(Death.ofReason(reason)).isEqualTo(death);
  }
}

package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandHelpTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "validate",
        "status",
        "cancel",
        "results",
        "verify",
        "diff",
        "sample",
        "split",
        "prices"
      })
  void helpEndsWithALineToTry(String command) {
    CommandLineRun help = CommandLineRun.of(command, "--help");

    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).startsWith("Usage: batchinfer " + command);
    assertThat(help.out().substring(help.out().indexOf("\nExample\n")))
        .contains("  batchinfer " + command + " ");
  }
}

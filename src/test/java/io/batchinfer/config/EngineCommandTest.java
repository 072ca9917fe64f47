package io.batchinfer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineCommandTest {
  private static List<String> words(String command) {
    return EngineCommand.of(command).words();
  }

  @Test
  void wordsAreThoseOfAShell() {
    assertThat(words("vllm  serve '{model}' --port={port} \t--x \"a b\" ''"))
        .containsExactly("vllm", "serve", "{model}", "--port={port}", "--x", "a b", "");
    assertThat(words("a\\ b{port} \"say \\\"x\\\" \\n\" 'it'\\''s $HOME'"))
        .containsExactly("a b{port}", "say \"x\" \\n", "it's $HOME");
    assertThat(words("s {port} --json '{\"image\":2}'")).endsWith("{\"image\":2}");
  }

  @Test
  void placeholdersAreFilledInWhereverTheyStand() {
    EngineCommand command = EngineCommand.of("env H={host}:{port} serve {model} -n {gpu_count}");

    assertThat(
            command.filled(
                Map.of("host", "::1", "port", "80", "model", "org/m $1", "gpu_count", "2")))
        .containsExactly("env", "H=::1:80", "serve", "org/m $1", "-n", "2");
    assertThat(command.names(EngineCommand.MODEL)).isTrue();
    assertThat(command.names(EngineCommand.ADAPTERS)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      value = {
        "serve {prot}; {prot}",
        "serve --port 8000; {port}",
        "serve {port} | tee log; holds a |",
        "serve {port} $HOME/model; holds a $",
        "serve {port} \"$HOME\"; holds a $",
        "serve 'a {port}; not closed",
        "serve \"a {port}; not closed",
      })
  void whatIsWrongIsSaid(String command, String said) {
    assertThatThrownBy(
            () -> OptionSources.builder().flags(Map.of("engine", List.of(command))).resolve())
        .hasMessageContaining(said);
  }
}

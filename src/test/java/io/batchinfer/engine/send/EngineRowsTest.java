package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.config.EngineCommand;
import io.batchinfer.engine.AudioForms;
import io.batchinfer.engine.server.EngineProbe;
import io.batchinfer.model.BatchException;
import io.batchinfer.testing.InMemoryFiles;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an engine is told of a job's rows. */
class EngineRowsTest {
  private static final EngineCommand NAMING = EngineCommand.of("serve {model} --port {port}");
  private static final EngineCommand PLAIN = EngineCommand.of("serve --port {port}");

  private static String row(String id, String url, String model) {
    return "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"%s\",\"body\":{\"model\":\"%s\",\"messages\":[],\"input\":\"x\",\"prompt\":\"x\"}}"
        .formatted(id, url, model);
  }

  private static String chat(String id, String model) {
    return row(id, "/v1/chat/completions", model);
  }

  private static EngineRows rows(Map<String, String> options, String... lines) {
    InMemoryFiles files = InMemoryFiles.filesystem();
    try (WorkedJob job = new WorkedJob(files, List.of(lines), 1, Duration.ofSeconds(10), options)) {
      return EngineRows.of(job.view(), AudioForms.of(files, job.view().spec()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/chat/completions | {\"model\":\"a \\\"b\\\"\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_tokens\":1}",
        "/v1/completions      | {\"model\":\"a \\\"b\\\"\",\"prompt\":\"Hello\",\"max_tokens\":1}",
        "/v1/embeddings       | {\"model\":\"a \\\"b\\\"\",\"input\":\"Hello\"}"
      })
  void theEngineIsTriedWithASmallRequestOfTheRowsKind(String path, String body) {
    EngineRows rows = rows(Map.of(), row("1", path, "a \\\"b\\\""));

    assertThat(rows.probe()).contains(new EngineProbe.Request(path, body));
    assertThat(rows.model()).contains("a \"b\"");
    assertThat(rows.adapters()).isEmpty();
  }

  @Test
  void aKindWithoutASmallRequestIsNotTried() {
    assertThat(rows(Map.of(), row("1", "/v1/rerank", "m")).probe()).isEmpty();
  }

  @Test
  void theFirstRowThatCanBeSentIsLookedFor() {
    EngineRows rows =
        rows(Map.of(), "no JSON", "", chat("2", "m"), row("3", "/v1/embeddings", "m"));

    assertThat(rows.probe()).map(EngineProbe.Request::path).contains("/v1/chat/completions");
    assertThat(rows(Map.of(), "no JSON").probe()).isEmpty();
  }

  @Test
  void theModelIsTheOneThatAllRowsName() {
    EngineRows one = rows(Map.of(), chat("1", "m"), chat("2", "m"));
    EngineRows two = rows(Map.of(), chat("1", "m"), chat("2", "n"));

    assertThat(one.modelFor(NAMING)).isEqualTo("m");
    assertThat(two.model()).isEmpty();
    assertThat(two.adapters()).containsExactlyInAnyOrder("m", "n");
    assertThat(two.modelFor(PLAIN)).isEmpty();
    assertThatThrownBy(() -> two.modelFor(NAMING))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("the rows name 2 models")
        .hasMessageContaining("--keep-line-models");
  }

  @Test
  void anOptionSaysWhichOfTheModelsIsTheEnginesOwn() {
    EngineRows chosen = rows(Map.of("base-model", "n"), chat("1", "m"), chat("2", "n"));
    assertThat(chosen.modelFor(NAMING)).isEqualTo("n");
    assertThat(chosen.adapters()).containsExactly("m");

    EngineRows listed =
        rows(Map.of("base-model", "b", "adapters", "x\ny"), chat("1", "m"), chat("2", "n"));
    assertThat(listed.adapters()).containsExactly("x", "y");
  }

  @Test
  void rowsThatNameNoneNeedAnOptionWhereTheCommandAsks() {
    String unnamed =
        "{\"custom_id\":\"1\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"messages\":[]}}";
    EngineRows rows = rows(Map.of(), unnamed);

    assertThat(rows.modelFor(PLAIN)).isEmpty();
    assertThatThrownBy(() -> rows.modelFor(NAMING))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("no row names a model");
    assertThat(rows(Map.of("model", "given"), unnamed).modelFor(NAMING)).isEqualTo("given");
  }

  @Test
  void aSplitOfWhichNoLineCanBeSentIsPassedOver() {
    EngineRows rows = rows(Map.of(), "no JSON " + "x".repeat(300), chat("1", "m"));

    assertThat(rows.probe()).map(EngineProbe.Request::path).contains("/v1/chat/completions");
  }

  @Test
  void theModelOfTheJobIsTheEnginesOwnAlsoWhereLinesKeepTheirs() {
    EngineRows rows =
        rows(
            Map.of("model", "n", "keep-line-models", "true"),
            chat("1", "m"),
            chat("2", "o"),
            chat("3", "n"));

    assertThat(rows.modelFor(NAMING)).isEqualTo("n");
    assertThat(rows.adapters()).containsExactlyInAnyOrder("m", "o");
  }
}

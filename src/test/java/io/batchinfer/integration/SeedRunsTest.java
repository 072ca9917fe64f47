package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.config.ProviderProfile;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the batch documents of Mistral, Predibase and Parasail say of a set and its results. */
class SeedRunsTest extends SharedSpark {
  private static final String MISTRAL_LINES =
      """
      {"custom_id": "0", "body": {"max_tokens": 100, "messages": [{"role": "user", "content": "What is the best French cheese?"}]}}
      {"custom_id": "1", "body": {"max_tokens": 100, "messages": [{"role": "user", "content": "What is the best French wine?"}]}}
      """;

  @TempDir Path directory;
  private SimulatedEndpoint endpoint;

  @BeforeEach
  void startEndpoint() {
    endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
  }

  @AfterEach
  void stopEndpoint() {
    endpoint.close();
  }

  private LocalRun run(String lines) throws IOException {
    Path input = Files.writeString(directory.resolve("in.jsonl"), lines);
    return LocalRun.of(input, directory.resolve("out"), endpoint);
  }

  @Test
  void mistralTheJobNamesEndpointAndModelForLinesThatNameNeither() throws IOException {
    LocalRun run = run(MISTRAL_LINES);

    CommandLineRun finished =
        run.with("--model", "mistral-small-latest", "--endpoint", "/v1/chat/completions");

    assertThat(finished.exitCode()).isZero();
    List<JsonNode> rows = LocalRun.rows(run.results());
    assertThat(rows).extracting(row -> row.path("custom_id").asText()).containsExactly("0", "1");
    assertThat(rows)
        .extracting(row -> row.at("/response/body/model").asText())
        .containsOnly("mistral-small-latest");
  }

  @Test
  void mistralTheSameFileRunsAgainUnderAnotherModel() throws IOException {
    LocalRun run = run(MISTRAL_LINES);
    LocalRun again = LocalRun.of(run.input(), directory.resolve("other"), endpoint);

    run.with("--model", "mistral-small-latest");
    again.with("--model", "codestral-latest");

    assertThat(LocalRun.rows(again.results()).get(0).at("/response/body/model").asText())
        .isEqualTo("codestral-latest");
  }

  @Test
  void mistralCustomIdsAreUnique() throws IOException {
    LocalRun run = run(MISTRAL_LINES + MISTRAL_LINES);

    CommandLineRun finished = run.with("--model", "m");

    assertThat(finished.exitCode()).isEqualTo(2);
    assertThat(finished.err()).contains("2 invalid lines").contains("duplicate_custom_id");
    assertThat(endpoint.statistics().received()).isZero();
  }

  @Test
  void mistralErrorsHaveTheirOwnFile() throws IOException {
    LocalRun run =
        run(
            MISTRAL_LINES
                + """
                {"custom_id": "2", "body": {"messages": [{"role": "user", "content": "[[fault:http_400]]"}]}}
                """);

    run.with("--model", "m", "--max-failure-rate", "0.5");

    assertThat(LocalRun.rows(run.results())).hasSize(2);
    JsonNode refused = LocalRun.rows(run.errors()).get(0);
    assertThat(refused.path("custom_id").asText()).isEqualTo("2");
    assertThat(refused.at("/response/status_code").asInt()).isEqualTo(400);
  }

  @Test
  void mistralTheJobTellsTotalSucceededAndFailedWhichAddUp() throws IOException {
    LocalRun run = run(MISTRAL_LINES);

    run.with("--model", "m");

    JsonNode job = run.record();
    assertThat(job.path("total_requests").asLong())
        .isEqualTo(2)
        .isEqualTo(job.path("succeeded_requests").asLong() + job.path("failed_requests").asLong());
    assertThat(job.path("completed_at").isNull()).isFalse();
  }

  @Test
  void predibaseResultsAreJoinedToRequestsByTheirId() throws IOException {
    StringBuilder lines = new StringBuilder();
    Set<String> ids = new HashSet<>();
    for (int i = 40; i > 0; i--) {
      ids.add("row-" + i);
      lines.append(
          """
          {"custom_id": "row-%d", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "%s", "messages": [{"role": "user", "content": "%d"}], "max_tokens": 5}}
          """
              .formatted(i, i % 2 == 0 ? "" : "adapter/" + i, i));
    }
    LocalRun run = run(lines.toString());

    CommandLineRun finished = run.with("--provider", "lorax");

    assertThat(finished.exitCode()).as(finished.err()).isZero();
    Map<String, JsonNode> byId = new HashMap<>();
    LocalRun.forEachRow(run.results(), row -> byId.put(row.path("custom_id").asText(), row));
    assertThat(byId.keySet()).isEqualTo(ids);
    assertThat(byId.get("row-7").at("/response/body/model").asText()).isEqualTo("adapter/7");
  }

  @Test
  void parasailAFileHoldsAtMostFiftyThousandLinesAndAHundredMegabytes() {
    ProviderProfile parasail = ProviderProfile.load("parasail", null);

    assertThat(parasail.maxBatchLines()).isEqualTo(Optional.of(50_000L));
    assertThat(parasail.maxBatchBytes().orElseThrow()).isBetween(100_000_000L, 100L << 20);
  }
}

package io.batchinfer.testing.provider;

import static io.batchinfer.testing.provider.ProviderClient.chat;
import static io.batchinfer.testing.provider.ProviderClient.line;
import static io.batchinfer.testing.provider.ProviderClient.order;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FakeOpenAiTest {
  private static final int ROWS = 1_000;

  private final AtomicLong now = new AtomicLong(1_767_225_600_000L);
  private final FaultPlan faults = new FaultPlan(7);
  private FakeBatchProvider provider = provider(ProviderSettings.of(ProviderDialect.OPENAI));
  private ProviderClient client = new ProviderClient(provider);

  @AfterEach
  void close() {
    provider.close();
  }

  private FakeBatchProvider provider(ProviderSettings settings) {
    return FakeBatchProvider.start(settings, faults, () -> Instant.ofEpochMilli(now.get()));
  }

  private void with(ProviderSettings.Limits limits) {
    with(ProviderSettings.of(ProviderDialect.OPENAI).withLimits(limits));
  }

  private void with(ProviderSettings settings) {
    provider.close();
    provider = provider(settings);
    client = new ProviderClient(provider);
  }

  private void pass(long millis) {
    now.addAndGet(millis);
  }

  private static String lines(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> line("r" + i, "text " + i))
        .collect(Collectors.joining());
  }

  private String upload(String content) throws IOException {
    return client.upload("in.jsonl", "batch", content).id();
  }

  private String create(String content) throws IOException {
    return client.post("/v1/batches", order(upload(content), "mine")).id();
  }

  private JsonNode batch(String id) throws IOException {
    return client.get("/v1/batches/" + id).json();
  }

  private String content(String file) throws IOException {
    return client.get("/v1/files/" + file + "/content").text();
  }

  private static Map<String, JsonNode> byId(String content) throws IOException {
    Map<String, JsonNode> rows = new TreeMap<>();
    for (String each : content.split("\n", -1)) {
      if (!each.isEmpty()) {
        JsonNode row = Json.MAPPER.readTree(each);
        assertThat(rows.put(row.path("custom_id").asText(), row)).as(each).isNull();
      }
    }
    return rows;
  }

  private static String said(JsonNode row) {
    return row.at("/response/body/choices/0/message/content").asText();
  }

  @Test
  void aBatchGoesThroughItsStatusesAndEveryRowGetsTheAnswerOfItsBody() throws IOException {
    String id = create(lines(0, ROWS));
    assertThat(batch(id).path("status").asText()).isEqualTo("validating");
    assertThat(batch(id).at("/request_counts/total").asInt()).isZero();
    pass(200);
    assertThat(batch(id).path("status").asText()).isEqualTo("in_progress");
    assertThat(batch(id).at("/request_counts/total").asInt()).isEqualTo(ROWS);
    assertThat(batch(id).at("/request_counts/completed").asInt()).isEqualTo(ROWS / 2);
    assertThat(batch(id).path("output_file_id").isNull()).isTrue();
    pass(100);
    assertThat(batch(id).path("status").asText()).isEqualTo("finalizing");
    pass(100);
    JsonNode ended = batch(id);
    assertThat(ended.path("status").asText()).isEqualTo("completed");
    assertThat(ended.at("/metadata/batchinfer_id").asText()).isEqualTo("mine");
    assertThat(ended.path("error_file_id").isNull()).isTrue();

    String content = content(ended.path("output_file_id").asText());
    assertThat(content).doesNotStartWith(content.lines().sorted().findFirst().orElseThrow());
    Map<String, JsonNode> rows = byId(content);
    assertThat(rows).hasSize(ROWS);
    for (int i = 0; i < ROWS; i++) {
      String hash = RowAnswers.hash(Json.MAPPER.readTree(chat("text " + i)));
      assertThat(said(rows.getOrDefault("r" + i, Json.object()))).isEqualTo(RowAnswers.said(hash));
      assertThat(provider.ledger().runs()).containsEntry(hash, 1);
    }
    assertThat(provider.ledger().creations()).isEqualTo(Map.of("mine", 1));
    assertThat(provider.ledger().refusals()).isEmpty();
  }

  @Test
  void itAnswersABodyInteractivelyAsInABatch() throws IOException {
    String id = create(lines(0, 1));
    pass(1_000);
    JsonNode row =
        byId(content(batch(id).path("output_file_id").asText())).getOrDefault("r0", Json.object());
    String reordered =
        "{\"messages\":[{\"content\":\"text 0\",\"role\":\"user\"}],\"model\":\"m\"}";
    JsonNode answer = client.post("/v1/chat/completions", reordered).json();
    assertThat(answer).isEqualTo(row.at("/response/body"));
    assertThat(provider.ledger().runs()).containsValue(2).hasSize(1);
    assertThat(provider.ledger().paidAgain()).isEqualTo(1);
    assertThat(provider.ledger().interactive()).isEqualTo(1);
  }

  @Test
  void aRefusedTextIsInTheErrorFile() throws IOException {
    String id = create(line("good", "text") + line("bad", "so " + RowAnswers.REFUSED));
    pass(1_000);
    JsonNode ended = batch(id);
    assertThat(ended.at("/request_counts/failed").asInt()).isEqualTo(1);
    assertThat(byId(content(ended.path("output_file_id").asText()))).containsOnlyKeys("good");
    JsonNode bad =
        byId(content(ended.path("error_file_id").asText())).getOrDefault("bad", Json.object());
    assertThat(bad.at("/response/status_code").asInt()).isEqualTo(400);
    assertThat(bad.path("error").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "invalid_json_line | {nonsense",
        "missing_required_parameter | {\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{}}",
        "duplicate_custom_id | {\"custom_id\":\"r0\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"messages\":[{}]}}",
        "invalid_url | {\"custom_id\":\"x\",\"method\":\"POST\",\"url\":\"/v1/embeddings\",\"body\":{\"model\":\"m\",\"input\":\"t\"}}",
        "invalid_method | {\"custom_id\":\"x\",\"method\":\"GET\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"messages\":[{}]}}",
        "mismatched_model | {\"custom_id\":\"x\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"other\",\"messages\":[{}]}}",
        "model_not_found | {\"custom_id\":\"x\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"no-such-model\",\"messages\":[{}]}}",
        "streaming_unsupported | {\"custom_id\":\"x\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"stream\":true,\"messages\":[{}]}}",
        "invalid_request | {\"custom_id\":\"x\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\"}}"
      })
  void aBadLineFailsItsBatchAndRunsNothing(String code, String bad) throws IOException {
    String id = create(lines(0, 2) + bad + "\n" + lines(2, 4));
    pass(1_000);
    JsonNode failed = batch(id);
    assertThat(failed.path("status").asText()).isEqualTo("failed");
    assertThat(failed.at("/errors/data/0/code").asText()).isEqualTo(code);
    assertThat(failed.at("/errors/data/0/line").asInt()).isEqualTo(3);
    assertThat(provider.ledger().runs()).isEmpty();
    assertThat(provider.ledger().refusals()).hasSize(1);
  }

  @Test
  void moreThanABatchMayHoldFailsIt() throws IOException {
    with(ProviderSettings.Limits.USUAL.withLines(3).withBytes(1_000).withEmbeddingInputs(3));
    String id = create(lines(0, 4));
    pass(1_000);
    assertThat(batch(id).at("/errors/data/0/code").asText()).isEqualTo("too_many_tasks");
    assertThat(client.upload("in.jsonl", "batch", lines(0, 20)).status()).isEqualTo(413);
    String embeddings =
        line("a", "/v1/embeddings", "{\"model\":\"m\",\"input\":[\"x\",\"y\"]}")
            + line("b", "/v1/embeddings", "{\"model\":\"m\",\"input\":[\"z\",\"z\"]}");
    String order = order(upload(embeddings), "e").replace("/v1/chat/completions", "/v1/embeddings");
    String second = client.post("/v1/batches", order).id();
    pass(1_000);
    assertThat(batch(second).at("/errors/data/0/code").asText()).isEqualTo("too_many_inputs");
  }

  @Test
  void moreThanMayBePendingFailsTheBatchUntilAnotherHasEnded() throws IOException {
    with(ProviderSettings.Limits.USUAL.withPendingRequests(1_500));
    String first = create(lines(0, ROWS));
    String second = create(lines(ROWS, 2 * ROWS));
    pass(150);
    assertThat(batch(first).path("status").asText()).isEqualTo("in_progress");
    assertThat(batch(second).at("/errors/data/0/code").asText())
        .isEqualTo("request_limit_exceeded");
    pass(1_000);
    String third = create(lines(ROWS, 2 * ROWS));
    pass(1_000);
    assertThat(batch(third).path("status").asText()).isEqualTo("completed");
    assertThat(provider.ledger().mostPendingRequests()).isEqualTo(ROWS);

    with(ProviderSettings.Limits.USUAL.withPendingTokens(10));
    String large = create(lines(0, 1));
    pass(1_000);
    assertThat(batch(large).at("/errors/data/0/code").asText()).isEqualTo("token_limit_exceeded");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/no\",\"completion_window\":\"24h\"}",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"1h\"}",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"24h\",\"metadata\":{\"n\":1}}",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"24h\",\"other\":1}",
        "no json"
      })
  void aBadOrderIsRefusedAtOnce(String order) throws IOException {
    assertThat(client.post("/v1/batches", order).status()).isEqualTo(400);
    assertThat(provider.ledger().refusals()).hasSize(1);
    assertThat(provider.ledger().creations()).isEmpty();
  }

  @Test
  void metadataHasLimits() throws IOException {
    String file = upload(lines(0, 1));
    String long64 = "k".repeat(64);
    assertThat(client.post("/v1/batches", order(file, "v".repeat(512))).status()).isEqualTo(200);
    assertThat(client.post("/v1/batches", order(file, "v".repeat(513))).status()).isEqualTo(400);
    assertThat(
            client.post("/v1/batches", order(file, "v").replace("batchinfer_id", long64)).status())
        .isEqualTo(200);
    assertThat(
            client
                .post("/v1/batches", order(file, "v").replace("batchinfer_id", long64 + "k"))
                .status())
        .isEqualTo(400);
    ObjectNode seventeen = (ObjectNode) Json.MAPPER.readTree(order(file, "v"));
    IntStream.range(0, 16).forEach(i -> seventeen.withObject("metadata").put("k" + i, "v"));
    assertThat(client.post("/v1/batches", seventeen.toString()).status()).isEqualTo(400);
  }

  @Test
  void aFileIsRefusedThatNoBatchCouldRead() throws IOException {
    assertThat(client.upload("in.jsonl", "assistants", lines(0, 1)).status()).isEqualTo(400);
    assertThat(client.upload("in.jsonl", "batch", "").status()).isEqualTo(400);
    assertThat(client.upload("in.jsonl", "batch", "notes\n").status()).isEqualTo(400);
    assertThat(client.post("/v1/files", "{}").status()).isEqualTo(400);
    assertThat(provider.filesLeft()).isEmpty();
    String id = client.post("/v1/batches", order("file-unknown", "mine")).id();
    pass(1_000);
    assertThat(batch(id).at("/errors/data/0/param").asText()).isEqualTo("file_id");
  }

  @Test
  void listsComeInPagesAndLag() throws IOException {
    with(
        ProviderSettings.of(ProviderDialect.OPENAI)
            .withPace(ProviderSettings.Pace.SHORT.withListLag(Duration.ofSeconds(3))));
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      ids.add(create(lines(i, i + 1)));
    }
    assertThat(client.get("/v1/batches").json().path("data")).isEmpty();
    assertThat(client.get("/v1/files").json().path("data")).isEmpty();
    pass(3_000);
    Set<String> listed = new HashSet<>();
    JsonNode page = client.get("/v1/batches?limit=2").json();
    for (int pages = 1; ; pages++) {
      page.path("data").forEach(batch -> listed.add(batch.path("id").asText()));
      if (!page.path("has_more").asBoolean()) {
        assertThat(pages).isEqualTo(3);
        break;
      }
      page = client.get("/v1/batches?limit=2&after=" + page.path("last_id").asText()).json();
    }
    assertThat(listed).isEqualTo(ids);
    assertThat(client.get("/v1/batches?limit=101").status()).isEqualTo(400);
    assertThat(client.get("/v1/files?purpose=batch").json().path("data")).hasSize(5);
    assertThat(client.get("/v1/files?purpose=batch_output").json().path("data")).isEmpty();
  }

  @Test
  void aCancelledBatchKeepsWhatIsDone() throws IOException {
    String id = create(lines(0, ROWS));
    pass(200);
    assertThat(client.post("/v1/batches/" + id + "/cancel", "").json().path("status").asText())
        .isEqualTo("cancelling");
    pass(1_000);
    JsonNode ended = batch(id);
    assertThat(ended.path("status").asText()).isEqualTo("cancelled");
    Map<String, JsonNode> output = byId(content(ended.path("output_file_id").asText()));
    Map<String, JsonNode> errors = byId(content(ended.path("error_file_id").asText()));
    assertThat(output).hasSize(ROWS / 2);
    assertThat(errors).hasSize(ROWS / 2).doesNotContainKeys(output.keySet().toArray(String[]::new));
    assertThat(errors.values())
        .allMatch(row -> row.at("/error/code").asText().equals("batch_cancelled"));
    assertThat(provider.ledger().runs()).hasSize(ROWS / 2);

    String other = create(lines(0, 1));
    pass(1_000);
    assertThat(client.post("/v1/batches/" + other + "/cancel", "").status()).isEqualTo(409);
  }

  @Test
  void filesAreDeletedAndAnInputInUseIsNoted() throws IOException {
    String file = upload(lines(0, 1));
    assertThat(client.delete("/v1/files/" + file).json().path("deleted").asBoolean()).isTrue();
    assertThat(client.get("/v1/files/" + file).status()).isEqualTo(404);
    assertThat(provider.filesLeft()).isEmpty();
    int before = provider.ledger().refusals().size();
    String used = upload(lines(0, 1));
    client.post("/v1/batches", order(used, "mine"));
    client.delete("/v1/files/" + used);
    assertThat(provider.ledger().refusals()).hasSize(before + 1);
  }

  @Test
  void itAsksForItsKey() throws IOException {
    with(ProviderSettings.of(ProviderDialect.OPENAI).withApiKey("secret"));
    assertThat(client.get("/v1/files").status()).isEqualTo(401);
  }
}

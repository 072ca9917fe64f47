package io.batchinfer.testing.provider;

import static io.batchinfer.testing.provider.ProviderClient.chat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FakeMistralTest {
  private static final int ROWS = 1_000;

  private final AtomicLong now = new AtomicLong(1_767_225_600_000L);
  private final FaultPlan faults = new FaultPlan(7);
  private FakeBatchProvider provider = provider(ProviderSettings.of(ProviderDialect.MISTRAL));
  private ProviderClient client = new ProviderClient(provider);

  @AfterEach
  void close() {
    provider.close();
  }

  private FakeBatchProvider provider(ProviderSettings settings) {
    return FakeBatchProvider.start(settings, faults, () -> Instant.ofEpochMilli(now.get()));
  }

  private String upload(int rows) throws IOException {
    String lines =
        IntStream.range(0, rows)
            .mapToObj(i -> "{\"custom_id\":\"r%d\",\"body\":%s}\n".formatted(i, chat("text " + i)))
            .collect(Collectors.joining());
    return client.upload("in.jsonl", "batch", lines).id();
  }

  private ProviderClient.Heard create(String file, String more) throws IOException {
    return client.post(
        "/v1/batch/jobs",
        "{\"input_files\":[\"%s\"],\"endpoint\":\"/v1/chat/completions\",\"model\":\"m\"%s}"
            .formatted(file, more));
  }

  private JsonNode job(String id) throws IOException {
    return client.get("/v1/batch/jobs/" + id).json();
  }

  @Test
  void aJobGoesThroughItsStatuses() throws IOException {
    String id = create(upload(ROWS), ",\"metadata\":{\"batchinfer_id\":\"mine\"}").id();
    assertThat(job(id).path("status").asText()).isEqualTo("QUEUED");
    assertThat(job(id).path("total_requests").asInt()).isZero();
    now.addAndGet(200);
    assertThat(job(id).path("status").asText()).isEqualTo("RUNNING");
    assertThat(job(id).path("completed_requests").asInt()).isEqualTo(ROWS / 2);
    now.addAndGet(1_000);
    JsonNode ended = job(id);
    assertThat(ended.path("status").asText()).isEqualTo("SUCCESS");
    assertThat(ended.path("succeeded_requests").asInt()).isEqualTo(ROWS);
    String output = ended.path("output_file").asText();
    assertThat(client.get("/v1/files/" + output).json().path("sample_type").asText())
        .isEqualTo("batch_result");
    assertThat(client.get("/v1/files/" + output + "/content").text().lines()).hasSize(ROWS);
    assertThat(provider.ledger().creations()).containsEntry("mine", 1);
    assertThat(provider.ledger().refusals()).isEmpty();
  }

  @Test
  void listsAreFoundByMetadataAndStatus() throws IOException {
    String file = upload(1);
    for (int i = 0; i < 5; i++) {
      create(file, ",\"metadata\":{\"batchinfer_id\":\"id%d\"}".formatted(i));
    }
    JsonNode found = client.get("/v1/batch/jobs?batchinfer_id=id3").json();
    assertThat(found.path("total").asInt()).isEqualTo(1);
    assertThat(found.at("/data/0/metadata/batchinfer_id").asText()).isEqualTo("id3");
    assertThat(client.get("/v1/files?search=n.json").json().path("data")).hasSize(1);
    assertThat(client.get("/v1/files?search=other").json().path("data")).isEmpty();
    assertThat(client.get("/v1/batch/jobs?status=RUNNING").json().path("data")).isEmpty();
    assertThat(client.get("/v1/batch/jobs?page=2&page_size=2").json().path("data")).hasSize(1);
  }

  @Test
  void aCancelledJobHasNoLinesForRowsThatDidNotRun() throws IOException {
    String id = create(upload(ROWS), "").id();
    now.addAndGet(200);
    client.post("/v1/batch/jobs/" + id + "/cancel", "");
    assertThat(job(id).path("status").asText()).isEqualTo("CANCELLATION_REQUESTED");
    now.addAndGet(1_000);
    assertThat(job(id).path("status").asText()).isEqualTo("CANCELLED");
    assertThat(job(id).path("error_file").isNull()).isTrue();
    String output = job(id).path("output_file").asText();
    assertThat(client.get("/v1/files/" + output + "/content").text().lines()).hasSize(ROWS / 2);
  }

  @Test
  void moreThanMayBePendingIsRefusedAtOnce() throws IOException {
    provider.close();
    provider =
        provider(
            ProviderSettings.of(ProviderDialect.MISTRAL)
                .withLimits(ProviderSettings.Limits.USUAL.withPendingRequests(1_500)));
    client = new ProviderClient(provider);
    String file = upload(ROWS);
    assertThat(create(file, "").status()).isEqualTo(200);
    assertThat(create(file, "").status()).isEqualTo(429);
    now.addAndGet(1_000);
    assertThat(create(file, "").status()).isEqualTo(200);
  }

  @Test
  void aBadOrderIsRefusedAndABadLineFailsItsJob() throws IOException {
    String file = upload(1);
    assertThat(create(file, ",\"timeout_hours\":169").status()).isEqualTo(422);
    assertThat(create(file, ",\"metadata\":{\"%s\":\"v\"}".formatted("k".repeat(33))).status())
        .isEqualTo(400);
    String bad = client.upload("in.jsonl", "batch", "{\"custom_id\":\"a\"}\n").id();
    String id = create(bad, "").id();
    now.addAndGet(1_000);
    assertThat(job(id).path("status").asText()).isEqualTo("FAILED");
    assertThat(job(id).at("/errors/0/message").asText()).contains("line 1", "body");
  }
}

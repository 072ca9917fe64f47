package io.batchinfer.simulator;

import static io.batchinfer.simulator.Calls.chat;
import static io.batchinfer.simulator.Calls.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestLogTest {
  private static final String CHAT = "/v1/chat/completions";

  @Test
  void everyRequestIsOneLineWithoutItsKey(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("deep/requests.jsonl");
    SimulatorSettings settings = SimulatorSettings.builder().requestLog(file).build();
    try (SimulatedEndpoint endpoint = SimulatedEndpoint.start(settings)) {
      Calls calls = new Calls(endpoint);
      calls.post(CHAT, chat("req-17 [[fault:http_503*1]]"), "Authorization", "Bearer s3cret");
      calls.post(CHAT, chat("req-17 [[fault:http_503*1]]"), "Authorization", "Bearer s3cret");
      calls.post("/v1/embeddings", "{}");
    }

    List<JsonNode> lines =
        Files.readAllLines(file).stream().map(line -> json(line.getBytes(UTF_8))).toList();
    assertThat(lines).hasSize(3);
    JsonNode first = lines.get(0);
    assertThat(first.path("custom").asText()).isEqualTo("req-17");
    assertThat(first.path("status").asInt()).isEqualTo(503);
    assertThat(first.path("fault").asText()).isEqualTo("http_503");
    assertThat(first.path("attempt").asInt()).isEqualTo(1);
    assertThat(first.path("authorization").asBoolean()).isTrue();
    JsonNode second = lines.get(1);
    assertThat(second.path("status").asInt()).isEqualTo(200);
    assertThat(second.path("attempt").asInt()).isEqualTo(2);
    assertThat(second.path("fault").isNull()).isTrue();
    assertThat(second.path("connection")).isEqualTo(first.path("connection"));
    assertThat(second.path("arrived_nanos").asLong())
        .isGreaterThanOrEqualTo(first.path("answered_nanos").asLong());
    assertThat(second.path("answered_millis").asLong())
        .isGreaterThanOrEqualTo(second.path("arrived_millis").asLong());
    JsonNode third = lines.get(2);
    assertThat(third.path("path").asText()).isEqualTo("/v1/embeddings");
    assertThat(third.path("authorization").asBoolean()).isFalse();
    assertThat(third.path("custom").isNull()).isTrue();
    assertThat(third.path("port").asInt()).isPositive();
    assertThat(Files.readString(file)).doesNotContain("s3cret");
  }

  @Test
  void aRequestStillOpenAtTheEndHasNoStatus(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("requests.jsonl");
    SimulatorSettings settings = SimulatorSettings.builder().requestLog(file).build();
    try (SimulatedEndpoint endpoint = SimulatedEndpoint.start(settings)) {
      Calls calls = new Calls(endpoint);
      CompletableFuture<?> open = calls.postLater(CHAT, chat("req-1 [[fault:hang]]"));
      while (endpoint.statistics().faulty() == 0) {
        Thread.onSpinWait();
      }
      assertThat(open).isNotDone();
    }

    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(1);
    assertThat(json(lines.get(0).getBytes(UTF_8)).path("status").isNull()).isTrue();
  }

  @Test
  void statisticsAreServedAndReset() {
    try (SimulatedEndpoint endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults())) {
      Calls calls = new Calls(endpoint);
      calls.post(CHAT, chat("a"));
      calls.post(CHAT, chat("a"));
      calls.post(CHAT, chat("b"));
      calls.post(CHAT, "{}");

      JsonNode statistics = json(calls.get("/simulator/statistics"));
      assertThat(statistics.path("received").asInt()).isEqualTo(4);
      assertThat(statistics.path("answered").asInt()).isEqualTo(4);
      assertThat(statistics.path("ok").asInt()).isEqualTo(3);
      assertThat(statistics.path("distinct_bodies").asInt()).isEqualTo(3);
      assertThat(statistics.path("repeats_after_success").asInt()).isEqualTo(1);
      assertThat(statistics.path("in_flight").asInt()).isZero();
      assertThat(statistics.path("peak_in_flight").asInt()).isEqualTo(1);
      assertThat(endpoint.statistics().json()).isEqualTo(calls.get("/simulator/statistics").body());

      JsonNode cleared = json(calls.post("/simulator/reset", ""));
      assertThat(cleared.path("received").asInt()).isZero();
      assertThat(cleared.path("distinct_bodies").asInt()).isZero();
      assertThat(cleared.path("first_request_nanos").asInt()).isZero();
    }
  }
}

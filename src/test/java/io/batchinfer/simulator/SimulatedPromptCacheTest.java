package io.batchinfer.simulator;

import static io.batchinfer.simulator.Calls.json;
import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.testing.Eventually;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A prompt cache behind a real socket. */
class SimulatedPromptCacheTest {
  private static SimulatedEndpoint start(PromptCacheKind kind, Duration perPromptToken) {
    return SimulatedEndpoint.start(
        SimulatorSettings.builder()
            .slots(2)
            .promptCache(kind, 10_000)
            .perPromptToken(perPromptToken)
            .build());
  }

  private static String chat(String system, String question) {
    return "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},{\"role\":\"user\",\"content\":\"%s\"}]}"
        .formatted(system.repeat(1_000), question);
  }

  @ParameterizedTest
  @CsvSource({"SHARED", "SLOTS"})
  void answersAndStatisticsSayWhatWasCached(PromptCacheKind kind) {
    try (SimulatedEndpoint endpoint = start(kind, Duration.ZERO)) {
      Calls calls = new Calls(endpoint);
      JsonNode first = json(calls.post("/v1/chat/completions", chat("s", "one")));
      JsonNode second = json(calls.post("/v1/chat/completions", chat("s", "two")));
      JsonNode other = json(calls.post("/v1/chat/completions", chat("t", "one")));

      assertThat(first.at("/usage/prompt_tokens_details/cached_tokens").asInt()).isZero();
      assertThat(second.at("/usage/prompt_tokens_details/cached_tokens").asInt()).isEqualTo(256);
      assertThat(other.at("/usage/prompt_tokens_details/cached_tokens").asInt()).isZero();
      assertThat(endpoint.statistics().cachedPromptTokens()).isEqualTo(256);
      assertThat(json(calls.get("/simulator/statistics")).path("cached_prompt_tokens").asInt())
          .isEqualTo(256);
      endpoint.reset();
      calls.post("/v1/chat/completions", chat("s", "three"));
      assertThat(endpoint.statistics().cachedPromptTokens()).as("a cache that is new").isZero();
    }
  }

  @Test
  void theOtherFormsOfAnswersSayItToo() {
    try (SimulatedEndpoint endpoint = start(PromptCacheKind.SHARED, Duration.ZERO)) {
      Calls calls = new Calls(endpoint);
      String input = "{\"model\":\"m\",\"input\":\"%s\"}".formatted("i".repeat(1_000));
      calls.post("/v1/responses", input);
      JsonNode again = json(calls.post("/v1/responses", input));

      assertThat(again.at("/usage/input_tokens_details/cached_tokens").asInt()).isEqualTo(240);
    }
  }

  @Test
  void rowsOfEmbeddingsAreNotKept() {
    try (SimulatedEndpoint endpoint = start(PromptCacheKind.SHARED, Duration.ZERO)) {
      Calls calls = new Calls(endpoint);
      String input = "{\"model\":\"m\",\"input\":\"%s\"}".formatted("i".repeat(1_000));
      calls.post("/v1/embeddings", input);
      calls.post("/v1/embeddings", input);

      assertThat(endpoint.statistics().cachedPromptTokens()).isZero();
    }
  }

  private static void await(SimulatedEndpoint endpoint, Predicate<SimulatorStatistics> wanted) {
    Eventually.await(
        "the endpoint has come to that",
        LONG_ENOUGH,
        () -> wanted.test(endpoint.statistics()),
        () -> endpoint.statistics().toString());
  }

  @Test
  void twoThatBeginTogetherBothComputeAndWhatIsKeptIsFaster() {
    try (SimulatedEndpoint endpoint = start(PromptCacheKind.SHARED, Duration.ofMillis(2))) {
      Calls calls = new Calls(endpoint);
      // Both wait for a slot, so that they begin at the same moment.
      endpoint.setSlots(1);
      CompletableFuture<?> unused =
          calls.postLater("/v1/chat/completions", chat("r", "[[fault:hang]]"));
      await(endpoint, statistics -> statistics.faulty() == 1);
      CompletableFuture<?> one = calls.postLater("/v1/chat/completions", chat("s", "one"));
      CompletableFuture<?> two = calls.postLater("/v1/chat/completions", chat("s", "two"));
      await(endpoint, statistics -> statistics.waiting() == 2);
      endpoint.setSlots(3);
      one.join();
      two.join();
      assertThat(endpoint.statistics().cachedPromptTokens()).isZero();

      long before = endpoint.statistics().lastAnswerNanos();
      calls.post("/v1/chat/completions", chat("s", "three"));
      assertThat(endpoint.statistics().cachedPromptTokens()).isEqualTo(256);
      assertThat(endpoint.statistics().lastAnswerNanos()).isGreaterThan(before);
    }
  }
}

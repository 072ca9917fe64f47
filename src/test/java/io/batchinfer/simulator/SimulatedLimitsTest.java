package io.batchinfer.simulator;

import static io.batchinfer.simulator.Calls.chat;
import static io.batchinfer.simulator.Calls.json;
import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.testing.Eventually;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class SimulatedLimitsTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final Duration HOUR = Duration.ofHours(1);

  private static SimulatorSettings.Builder settings() {
    return SimulatorSettings.builder();
  }

  @Test
  void requestsBeyondTheLimitGet429WithOpenAisHeaders() {
    try (SimulatedEndpoint endpoint =
        SimulatedEndpoint.start(settings().requestsPerMinute(2).build())) {
      Calls calls = new Calls(endpoint);
      HttpResponse<byte[]> first = calls.post(CHAT, chat("a"));
      HttpResponse<byte[]> second = calls.post(CHAT, chat("b"));
      HttpResponse<byte[]> third = calls.post(CHAT, chat("c"));

      assertThat(first.headers().firstValue("x-ratelimit-limit-requests")).hasValue("2");
      assertThat(first.headers().firstValue("x-ratelimit-remaining-requests")).hasValue("1");
      assertThat(second.statusCode()).isEqualTo(200);
      assertThat(third.statusCode()).isEqualTo(429);
      assertThat(third.headers().firstValue("x-ratelimit-remaining-requests")).hasValue("0");
      assertThat(third.headers().firstValue("x-ratelimit-reset-requests").orElse(""))
          .matches("\\d+ms");
      assertThat(third.headers().firstValueAsLong("retry-after").orElse(0)).isBetween(1L, 60L);
      assertThat(json(third).at("/error/code").asText()).isEqualTo("rate_limit_exceeded");
      assertThat(json(third).at("/error/type").asText()).isEqualTo("requests");
      assertThat(endpoint.statistics().limited()).isEqualTo(1);
      assertThat(endpoint.statistics().ok()).isEqualTo(2);
    }
  }

  @Test
  void tokensBeyondTheLimitGet429WithMistralsHeaders() {
    try (SimulatedEndpoint endpoint =
        SimulatedEndpoint.start(
            settings().tokensPerMinute(100).style(ProviderStyle.MISTRAL).build())) {
      Calls calls = new Calls(endpoint);
      HttpResponse<byte[]> first = calls.post(CHAT, chat("[[tokens:60]]"));
      HttpResponse<byte[]> second = calls.post(CHAT, chat("[[tokens:61]]"));

      HttpHeaders headers = first.headers();
      long cost = json(first).at("/usage/total_tokens").asLong();
      assertThat(headers.firstValueAsLong("x-ratelimit-limit-tokens-minute")).hasValue(100);
      assertThat(headers.firstValueAsLong("x-ratelimit-tokens-query-cost")).hasValue(cost);
      assertThat(headers.firstValueAsLong("x-ratelimit-remaining-tokens-minute"))
          .hasValue(100 - cost);
      assertThat(second.statusCode()).isEqualTo(429);
      JsonNode error = json(second);
      assertThat(error.path("object").asText()).isEqualTo("error");
      assertThat(error.path("type").asText()).isEqualTo("rate_limited");
      assertThat(error.path("raw_status_code").asInt()).isEqualTo(429);
    }
  }

  @Test
  void onAdmissionTheMostTokensCountOnCompletionTheUsedOnes() {
    String request =
        """
        {"model":"m","max_tokens":900,"messages":[{"role":"user","content":"[[tokens:5]]%d"}]}""";
    SimulatorSettings atAdmission = settings().tokensPerMinute(1000).build();
    SimulatorSettings atCompletion = atAdmission.toBuilder().charge(Charge.AT_COMPLETION).build();
    try (SimulatedEndpoint strict = SimulatedEndpoint.start(atAdmission);
        SimulatedEndpoint lenient = SimulatedEndpoint.start(atCompletion)) {
      assertThat(new Calls(strict).post(CHAT, request.formatted(1)).statusCode()).isEqualTo(200);
      assertThat(new Calls(strict).post(CHAT, request.formatted(2)).statusCode()).isEqualTo(429);
      for (int i = 0; i < 10; i++) {
        assertThat(new Calls(lenient).post(CHAT, request.formatted(i)).statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void whenToComeBackTakesTheChosenForm() {
    SimulatorSettings limited = settings().requestsPerMinute(1).window(HOUR).build();
    HttpHeaders milliseconds = limitedHeaders(limited, RetryAfterForm.MILLISECONDS);
    HttpHeaders date = limitedHeaders(limited, RetryAfterForm.HTTP_DATE);
    HttpHeaders none = limitedHeaders(limited, RetryAfterForm.NONE);

    assertThat(milliseconds.firstValueAsLong("retry-after-ms").orElse(0))
        .isBetween(1L, HOUR.toMillis());
    assertThat(milliseconds.firstValue("retry-after")).isEmpty();
    Instant when =
        ZonedDateTime.parse(
                date.firstValue("retry-after").orElse(""), DateTimeFormatter.RFC_1123_DATE_TIME)
            .toInstant();
    assertThat(when).isBefore(Instant.now().plus(HOUR).plusSeconds(60));
    assertThat(when).isAfter(Instant.now());
    assertThat(none.firstValue("retry-after")).isEmpty();
    assertThat(none.firstValue("retry-after-ms")).isEmpty();
  }

  private static HttpHeaders limitedHeaders(SimulatorSettings settings, RetryAfterForm form) {
    // One request a minute over an hour is sixty; all but the last pass.
    SimulatorSettings chosen = settings.toBuilder().retryAfterForm(form).build();
    try (SimulatedEndpoint endpoint = SimulatedEndpoint.start(chosen)) {
      Calls calls = new Calls(endpoint);
      HttpResponse<byte[]> last = calls.post(CHAT, chat("0"));
      for (int i = 1; i <= 60; i++) {
        assertThat(last.statusCode()).isEqualTo(200);
        last = calls.post(CHAT, chat("row " + i));
      }
      assertThat(last.statusCode()).isEqualTo(429);
      return last.headers();
    }
  }

  @Test
  void aWrongKeyIsRefusedWithoutCountingAgainstTheLimit() {
    try (SimulatedEndpoint endpoint =
        SimulatedEndpoint.start(settings().requiredApiKey("k").requestsPerMinute(1).build())) {
      Calls calls = new Calls(endpoint);

      assertThat(calls.post(CHAT, chat("a")).statusCode()).isEqualTo(401);
      assertThat(calls.post(CHAT, chat("a"), "Authorization", "Bearer x").statusCode())
          .isEqualTo(401);
      assertThat(calls.post(CHAT, chat("a"), "Authorization", "Bearer k").statusCode())
          .isEqualTo(200);
      assertThat(endpoint.settings().toString()).doesNotContain("Bearer").contains("key set");
    }
  }

  @Test
  void aModelThatIsNotServedIsNotFound() {
    try (SimulatedEndpoint endpoint =
        SimulatedEndpoint.start(settings().models(List.of("a", "b")).build())) {
      Calls calls = new Calls(endpoint);
      HttpResponse<byte[]> unknown = calls.post(CHAT, chat("x"));
      HttpResponse<byte[]> known = calls.post(CHAT, chat("x").replace("\"m\"", "\"b\""));

      assertThat(unknown.statusCode()).isEqualTo(404);
      assertThat(json(unknown).at("/error/code").asText()).isEqualTo("model_not_found");
      assertThat(known.statusCode()).isEqualTo(200);
      assertThat(json(calls.get("/v1/models")).path("data")).hasSize(2);
    }
  }

  @Test
  void requestsBeyondSlotsAndQueueGet503() {
    try (SimulatedEndpoint endpoint =
        SimulatedEndpoint.start(settings().slots(2).queueLimit(1).build())) {
      Calls calls = new Calls(endpoint);
      List<CompletableFuture<HttpResponse<byte[]>>> replies = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        replies.add(calls.postLater(CHAT, chat("row " + i + " [[fault:hang]]")));
      }
      await(endpoint, statistics -> statistics.faulty() == 2 && statistics.waiting() == 1);

      assertThat(calls.post(CHAT, chat("row 3")).statusCode()).isEqualTo(503);
      assertThat(calls.post(CHAT, chat("row 4")).statusCode()).isEqualTo(503);
      assertThat(replies).noneMatch(CompletableFuture::isDone);
      assertThat(endpoint.statistics().peakInFlight()).isEqualTo(4);

      endpoint.setSlots(4);

      await(endpoint, statistics -> statistics.faulty() == 3 && statistics.waiting() == 0);
      assertThat(calls.post(CHAT, chat("row 5")).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void moreSlotsLetWaitingRequestsStart() {
    try (SimulatedEndpoint endpoint =
        SimulatedEndpoint.start(
            settings().slots(1).timeToFirstToken(Duration.ofMillis(1)).eventLoops(2).build())) {
      Calls calls = new Calls(endpoint);
      CompletableFuture<HttpResponse<byte[]>> slow = calls.postLater(CHAT, chat("[[fault:hang]]"));
      await(endpoint, statistics -> statistics.faulty() == 1);
      CompletableFuture<HttpResponse<byte[]>> next = calls.postLater(CHAT, chat("next"));
      await(endpoint, statistics -> statistics.waiting() == 1);
      assertThat(next).isNotDone();

      endpoint.setSlots(2);

      assertThat(next.join().statusCode()).isEqualTo(200);
      assertThat(slow).isNotDone();
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
  void timeGoesByWithEveryToken() {
    try (SimulatedEndpoint endpoint =
        SimulatedEndpoint.start(
            settings()
                .timeToFirstToken(Duration.ofMillis(100))
                .perToken(Duration.ofMillis(10))
                .build())) {
      Calls calls = new Calls(endpoint);
      long start = System.nanoTime();
      calls.post(CHAT, chat("[[tokens:20]]"));
      Duration took = Duration.ofNanos(System.nanoTime() - start);

      assertThat(took).isGreaterThanOrEqualTo(Duration.ofMillis(295));
      assertThat(endpoint.statistics().lastAnswerNanos())
          .isGreaterThan(endpoint.statistics().firstRequestNanos());
    }
  }
}

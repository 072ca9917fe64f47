package io.batchinfer.simulator;

import static io.batchinfer.simulator.Calls.chat;
import static io.batchinfer.simulator.Calls.json;
import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.testing.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimulatedFaultsTest {
  private static final String CHAT = "/v1/chat/completions";

  private final SimulatedEndpoint endpoint =
      SimulatedEndpoint.start(
          SimulatorSettings.builder()
              .slowBody(Duration.ofMillis(200))
              .oversizedBodyBytes(3 << 20)
              .build());
  private final Calls calls = new Calls(endpoint);

  @AfterEach
  void stop() {
    endpoint.close();
  }

  private HttpResponse<byte[]> ask(String text) {
    return calls.post(CHAT, chat(text));
  }

  @ParameterizedTest
  @CsvSource({
    "http_400, 400, ",
    "http_401, 401, invalid_api_key",
    "http_403, 403, ",
    "http_404, 404, ",
    "http_408, 408, ",
    "http_413, 413, ",
    "http_422, 422, ",
    "http_429, 429, rate_limit_exceeded",
    "http_500, 500, ",
    "http_502, 502, ",
    "http_503, 503, ",
    "http_504, 504, ",
    "context_length, 400, context_length_exceeded",
    "model_not_found, 404, model_not_found",
    "insufficient_quota, 429, insufficient_quota",
  })
  void aRefusalHasItsStatusAndAnErrorObject(String fault, int status, String code) {
    HttpResponse<byte[]> response = ask("[[fault:" + fault + "]]");

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("x-simulated-by")).isPresent();
    JsonNode error = json(response).path("error");
    assertThat(error.path("message").asText()).isNotBlank();
    if (code != null) {
      assertThat(error.path("code").asText()).isEqualTo(code);
    }
    assertThat(endpoint.statistics().ok()).isZero();
    assertThat(endpoint.statistics().faulty()).isEqualTo(1);
  }

  @Test
  void aCountedFaultEndsAfterItsAttempts() {
    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      statuses.add(ask("[[fault:http_503*2]]").statusCode());
    }

    assertThat(statuses).containsExactly(503, 503, 200, 200);
    assertThat(ask("[[fault:http_503*2]] other").statusCode()).isEqualTo(503);
    assertThat(endpoint.statistics().repeatsAfterSuccess()).isEqualTo(1);
  }

  @Test
  void anUnknownMarkerIsText() {
    assertThat(ask("[[fault:none]] [[x]] [[1,2],[3]] [[tokens:]]").statusCode()).isEqualTo(200);
  }

  @Test
  void aMarkerSaysWhenToComeBack() {
    assertThat(ask("[[fault:http_429]][[retry-after:7]]").headers().firstValue("retry-after"))
        .hasValue("7");
    assertThat(ask("[[fault:http_503]][[retry-after:2]]").headers().firstValue("retry-after"))
        .hasValue("2");
    assertThat(ask("[[fault:http_503]]").headers().firstValue("retry-after")).isEmpty();
  }

  @Test
  void aResetBreaksTheConnectionBeforeTheStatusLine() throws IOException {
    try (Socket socket = rawPost("[[fault:reset_before_answer]]")) {
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
  }

  @Test
  void aResetInTheMiddleBreaksTheBody() {
    assertThatThrownBy(() -> ask("[[fault:reset_mid_body]]"))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(endpoint.statistics().ok()).isZero();
  }

  private Socket rawPost(String text) throws IOException {
    byte[] body = chat(text).getBytes(UTF_8);
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port());
    socket.setSoTimeout((int) LONG_ENOUGH.toMillis());
    OutputStream out = socket.getOutputStream();
    out.write(
        ("POST "
                + CHAT
                + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length
                + "\r\n\r\n")
            .getBytes(UTF_8));
    out.write(body);
    out.flush();
    return socket;
  }

  @Test
  void aHangEndsOnlyWithTheClientAndThenFreesItsSlot() throws Exception {
    endpoint.setSlots(1);
    CompletableFuture<HttpResponse<byte[]>> waiting;
    try (Socket hanging = rawPost("[[fault:hang]]")) {
      assertThat(hanging.isConnected()).isTrue();
      await("it has the slot", statistics -> statistics.faulty() == 1);
      waiting = calls.postLater(CHAT, chat("next"));
      await("the next one waits", statistics -> statistics.waiting() == 1);
      assertThat(waiting).isNotDone();
    }

    assertThat(waiting.get().statusCode()).isEqualTo(200);
    assertThat(endpoint.statistics().abandoned()).isEqualTo(1);
    assertThat(endpoint.statistics().inFlight()).isZero();
  }

  private void await(String what, Predicate<SimulatorStatistics> wanted) {
    Eventually.await(
        what,
        LONG_ENOUGH,
        () -> wanted.test(endpoint.statistics()),
        () -> endpoint.statistics().toString());
  }

  @Test
  void aSlowBodyIsCompleteInTheEnd() throws IOException {
    long start = System.nanoTime();
    try (Socket socket = rawPost("[[fault:slow_body]]")) {
      String answer = readToLength(socket.getInputStream());

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(100));
      assertThat(answer).endsWith("}}");
    }
  }

  private static String readToLength(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append((char) in.read());
    }
    String lower = head.toString().toLowerCase(Locale.ROOT);
    int at = lower.indexOf("content-length:") + "content-length:".length();
    int length = Integer.parseInt(lower.substring(at, lower.indexOf('\r', at)).strip());
    return new String(in.readNBytes(length), UTF_8);
  }

  @Test
  void brokenJsonComesWithStatus200() {
    HttpResponse<byte[]> truncated = ask("[[fault:truncated_json]]");
    HttpResponse<byte[]> invalid = ask("[[fault:invalid_json]]");
    HttpResponse<byte[]> empty = ask("[[fault:empty_body]]");

    assertThat(truncated.statusCode()).isEqualTo(200);
    assertThatThrownBy(() -> json(truncated)).isInstanceOf(UncheckedIOException.class);
    assertThat(invalid.statusCode()).isEqualTo(200);
    assertThatThrownBy(() -> json(invalid)).isInstanceOf(UncheckedIOException.class);
    assertThat(empty.statusCode()).isEqualTo(200);
    assertThat(empty.body()).isEmpty();
  }

  @Test
  void anErrorCanComeWithStatus200() {
    HttpResponse<byte[]> response = ask("[[fault:error_with_200]]");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(json(response).has("error")).isTrue();
    assertThat(json(response).has("choices")).isFalse();
  }

  @Test
  void aPageOfHtmlComesWithStatus200() {
    HttpResponse<byte[]> response = ask("[[fault:wrong_content_type]]");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
    assertThat(new String(response.body(), UTF_8)).startsWith("<!doctype html>");
  }

  @Test
  void aRedirectPointsElsewhere() {
    HttpResponse<byte[]> response = ask("[[fault:redirect]]");

    assertThat(response.statusCode()).isEqualTo(307);
    assertThat(response.headers().firstValue("location")).isPresent();
  }

  @Test
  void anOversizedBodyIsValidAndDoesNotSayItsLength() {
    HttpResponse<byte[]> response = ask("[[fault:oversized_body]]");

    assertThat(response.headers().firstValue("content-length")).isEmpty();
    assertThat(response.body().length).isGreaterThan(3 << 20);
    assertThat(json(response).path("choices")).hasSize(1);
  }

  @Test
  void theAuthorizationHeaderIsEchoed() {
    HttpResponse<byte[]> ok =
        calls.post(CHAT, chat("[[fault:echo_authorization]]"), "Authorization", "Bearer k-1");
    HttpResponse<byte[]> error =
        calls.post(
            CHAT, chat("[[fault:echo_authorization_in_error]]"), "Authorization", "Bearer k-1");

    assertThat(ok.statusCode()).isEqualTo(200);
    assertThat(json(ok).at("/choices/0/message/content").asText()).contains("Bearer k-1");
    HttpResponse<byte[]> vectors =
        calls.post(
            "/v1/embeddings",
            "{\"model\":\"m\",\"input\":\"[[fault:echo_authorization]]\"}",
            "Authorization",
            "Bearer k-1");
    assertThat(new String(vectors.body(), UTF_8)).contains("Bearer k-1");
    assertThat(json(vectors).path("data")).hasSize(1);
    assertThat(error.statusCode()).isEqualTo(400);
    assertThat(json(error).at("/error/message").asText()).contains("Bearer k-1");
  }

  @Test
  void faultsByRateAreTheSameForTheSameSeed() {
    endpoint.setFault(Fault.HTTP_503, 0.3);
    endpoint.setFault(Fault.HTTP_500, 0.2);
    List<Integer> first = statuses();
    endpoint.reset();

    assertThat(statuses()).isEqualTo(first);
    assertThat(first.stream().filter(status -> status == 503).count()).isBetween(40L, 80L);
    assertThat(first.stream().filter(status -> status == 500).count()).isBetween(20L, 60L);
  }

  private List<Integer> statuses() {
    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      statuses.add(ask("row " + i).statusCode());
    }
    return statuses;
  }

  @Test
  void anotherAttemptDrawsAgain() {
    endpoint.setFault(Fault.HTTP_503, 0.5);
    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      statuses.add(ask("the same").statusCode());
    }

    assertThat(statuses).contains(200, 503);
  }
}

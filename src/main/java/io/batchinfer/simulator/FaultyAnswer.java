package io.batchinfer.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** An answer that goes wrong in the way its fault says. */
final class FaultyAnswer {
  private static final int SLOW_PIECES = 20;
  private static final int CHUNK = 64 << 10;
  private static final String ELSEWHERE = "http://redirected.invalid/v1/chat/completions";
  private static final String NOT_JSON =
      "{\"simulated_by\": batchinfer-simulator, this is not JSON";
  private static final String PAGE =
      "<!doctype html><title>batchinfer simulate</title><p>A simulated page of a proxy.</p>";

  private final SimulatedExchange exchange;
  private final Fault fault;
  private final Optional<Duration> retryAfter;
  private final HttpServerResponse response;

  FaultyAnswer(SimulatedExchange exchange, Fault fault, Optional<Duration> retryAfter) {
    this.exchange = exchange;
    this.fault = fault;
    this.retryAfter = retryAfter;
    response = exchange.request().response();
  }

  void send(AnswerFacts facts) {
    switch (fault) {
      case HTTP_400,
          HTTP_401,
          HTTP_403,
          HTTP_404,
          HTTP_408,
          HTTP_413,
          HTTP_422,
          HTTP_429,
          HTTP_500,
          HTTP_502,
          HTTP_503,
          HTTP_504,
          CONTEXT_LENGTH,
          MODEL_NOT_FOUND,
          INSUFFICIENT_QUOTA ->
          exchange.refuse(fault.refusal(), retryAfter);
      case RESET_BEFORE_ANSWER -> reset();
      case RESET_MID_BODY -> resetMidBody(exchange.answerJson(facts));
      case HANG -> {}
      case SLOW_BODY -> sendSlowly(exchange.answerJson(facts));
      case TRUNCATED_JSON -> {
        byte[] json = exchange.answerJson(facts);
        send(200, Answer.JSON, Arrays.copyOf(json, json.length / 2));
      }
      case INVALID_JSON -> send(200, Answer.JSON, bytes(NOT_JSON));
      case EMPTY_BODY -> send(200, Answer.JSON, new byte[0]);
      case ERROR_WITH_200 ->
          send(
              200,
              Answer.JSON,
              Answer.of(Fault.HTTP_500.refusal(), exchange.settings().style()).body());
      case WRONG_CONTENT_TYPE -> send(200, "text/html; charset=utf-8", bytes(PAGE));
      case UNFIT_FENCED,
          UNFIT_TEXT_AROUND,
          UNFIT_EXTRA_KEY,
          UNFIT_WRONG_TYPE,
          UNFIT_CUT_OFF,
          UNFIT_BROKEN,
          UNFIT_EMPTY,
          UNFIT_PROSE ->
          send(200, Answer.JSON, exchange.answerJson(UnfitText.of(fault, facts)));
      case REDIRECT -> {
        response.putHeader(HttpHeaders.LOCATION, ELSEWHERE);
        send(307, "text/plain", bytes("Redirected by batchinfer simulate."));
      }
      case OVERSIZED_BODY -> sendOversized(exchange.answerJson(facts));
      case ECHO_AUTHORIZATION ->
          send(200, Answer.JSON, echoing(exchange.answerJson(facts.withText(authorization()))));
      case ECHO_AUTHORIZATION_IN_ERROR ->
          exchange.refuse(
              Fault.HTTP_400.refusal().withMessage("Not accepted: " + authorization()), retryAfter);
    }
  }

  private void send(int status, String contentType, byte[] body) {
    exchange.writeHead(status, contentType);
    exchange.ended(Optional.of(status));
    response.end(Buffer.buffer(body));
  }

  private void reset() {
    exchange.ended(Optional.empty());
    ConnectionReset.reset(exchange.request());
  }

  private void resetMidBody(byte[] json) {
    exchange.writeHead(200, Answer.JSON);
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(json.length));
    response
        .write(Buffer.buffer(Arrays.copyOf(json, json.length / 2)))
        .onComplete(
            written -> {
              exchange.ended(Optional.of(200));
              ConnectionReset.reset(exchange.request());
            });
  }

  private void sendSlowly(byte[] json) {
    exchange.writeHead(200, Answer.JSON);
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(json.length));
    sendPiece(json, 0, exchange.settings().slowBody().dividedBy(SLOW_PIECES));
  }

  private void sendPiece(byte[] json, int from, Duration pause) {
    int piece = (json.length + SLOW_PIECES - 1) / SLOW_PIECES;
    int to = Math.min(json.length, from + piece);
    Buffer bytes = Buffer.buffer(Arrays.copyOfRange(json, from, to));
    if (to == json.length) {
      exchange.ended(Optional.of(200));
      response.end(bytes);
    } else {
      response.write(bytes);
      exchange.after(pause, () -> sendPiece(json, to, pause));
    }
  }

  private void sendOversized(byte[] json) {
    exchange.writeHead(200, Answer.JSON);
    response.setChunked(true);
    response.write(Buffer.buffer("{\"simulated_padding\":\""));
    byte[] chunk = new byte[CHUNK];
    Arrays.fill(chunk, (byte) 'x');
    pad(Buffer.buffer(chunk), exchange.settings().oversizedBodyBytes(), json);
  }

  private void pad(Buffer chunk, long left, byte[] json) {
    long remaining = left;
    while (remaining > 0 && !exchange.isEnded()) {
      if (response.writeQueueFull()) {
        long rest = remaining;
        response.drainHandler(drained -> pad(chunk, rest, json));
        return;
      }
      response.write(chunk.copy());
      remaining -= CHUNK;
    }
    if (!exchange.isEnded()) {
      exchange.ended(Optional.of(200));
      response.end(Buffer.buffer("\",").appendBytes(json, 1, json.length - 1));
    }
  }

  /** In a field of its own too, because not every answer has a text. */
  private byte[] echoing(byte[] json) {
    byte[] echo =
        JsonBytes.of(
            out -> {
              out.writeStartObject();
              out.writeStringField("simulated_echo", authorization());
              out.writeEndObject();
            });
    return Buffer.buffer()
        .appendBytes(echo, 0, echo.length - 1)
        .appendByte((byte) ',')
        .appendBytes(json, 1, json.length - 1)
        .getBytes();
  }

  private String authorization() {
    String value = exchange.request().getHeader(HttpHeaders.AUTHORIZATION);
    return value == null ? "no Authorization header" : value;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

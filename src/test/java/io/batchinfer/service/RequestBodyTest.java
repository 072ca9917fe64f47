package io.batchinfer.service;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.api.ApiError;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBodyTest {
  private static final int SHARE = 100;

  private final HeapShare share = new HeapShare(SHARE);
  private final RequestBody bodies = new RequestBody(SHARE, share, LONG_ENOUGH);

  /** Whether nothing was held, each time that an answer was about to be written. */
  private final Queue<Boolean> free = new ConcurrentLinkedQueue<>();

  private Vertx vertx;
  private HttpServer server;

  @BeforeEach
  void start() throws TimeoutException {
    vertx = Vertx.vertx();
    server =
        vertx
            .createHttpServer()
            .requestHandler(this::serve)
            .listen(0, "127.0.0.1")
            .await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws TimeoutException {
    vertx.close().await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
  }

  private void serve(HttpServerRequest request) {
    Route route = new Route(HttpMethod.POST, "/", true, ignored -> {});
    Call call = new Call(vertx, request, "req_1", route, Map.of(), null, "-", failure -> {});
    request
        .response()
        .headersEndHandler(
            head -> {
              boolean all = share.take(SHARE);
              if (all) {
                share.give(SHARE);
              }
              free.add(all);
            });
    bodies.read(
        call,
        body -> {
          assertThat(share.take(1)).as("room beside the body that is worked on").isFalse();
          if (request.uri().equals("/refused")) {
            throw ApiError.invalid(null, "invalid_value", "It is refused.");
          }
          call.json(body);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/refused"})
  void aBodyIsHeldUntilJustBeforeTheAnswer(String target) throws IOException {
    try (RawConnection connection = new RawConnection(server.actualPort())) {
      String body = "x".repeat(SHARE);
      connection.send(
          "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n" + body);

      assertThat(connection.answer().status()).isEqualTo(target.equals("/") ? 200 : 400);
    }
    assertThat(free).containsExactly(true);
  }
}

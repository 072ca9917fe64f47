package io.batchinfer.client.http;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server of the HTTP library, for what is too much to script byte by byte: TLS and HTTP/2. */
final class LibraryServer implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;
  private final AtomicInteger connections = new AtomicInteger();

  private LibraryServer(HttpServerOptions options, Handler<HttpServerRequest> handler) {
    server =
        vertx
            .createHttpServer(options.setHost("127.0.0.1").setPort(0))
            .connectionHandler(ignored -> connections.incrementAndGet())
            .requestHandler(handler)
            .listen()
            .toCompletionStage()
            .toCompletableFuture()
            .orTimeout(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)
            .join();
  }

  static LibraryServer running(HttpServerOptions options, Handler<HttpServerRequest> handler) {
    return new LibraryServer(options, handler);
  }

  /** Answers with the HTTP version of the request. */
  static LibraryServer tellingTheVersion(HttpServerOptions options) {
    return running(options, request -> request.response().end(request.version().alpnName()));
  }

  int port() {
    return server.actualPort();
  }

  int connections() {
    return connections.get();
  }

  @Override
  public void close() {
    vertx
        .close()
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)
        .join();
  }
}

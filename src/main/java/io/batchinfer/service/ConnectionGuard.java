package io.batchinfer.service;

import io.batchinfer.time.Ticker;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the number of connections, and closes those on which no request comes to its end: a client
 * that sends a head byte by byte keeps a connection busy without ever being idle. Thread-safe.
 */
final class ConnectionGuard implements Handler<HttpConnection> {
  private final Vertx vertx;
  private final Ticker ticker;
  private final int most;
  private final Patience patience;
  private final Map<HttpConnection, Waiting> connections = new ConcurrentHashMap<>();

  private static final class Waiting {
    private final AtomicInteger active = new AtomicInteger();
    private volatile long since;
    private volatile boolean served;
    private volatile boolean closing;

    Waiting(long now) {
      since = now;
    }
  }

  ConnectionGuard(Vertx vertx, int most, Ticker ticker, Patience patience) {
    this.vertx = vertx;
    this.ticker = ticker;
    this.most = most;
    this.patience = patience;
    vertx.setPeriodic(patience.look().toMillis(), timer -> closeSilent());
  }

  @Override
  public void handle(HttpConnection connection) {
    Waiting waiting = new Waiting(ticker.nanos());
    connections.put(connection, waiting);
    connection.closeHandler(closed -> connections.remove(connection));
    if (connections.size() > most) {
      waiting.closing = true;
      connection.close();
    }
  }

  /** A request has come in completely enough to be served. */
  void began(Call call) {
    Waiting waiting = connections.get(call.request().connection());
    if (waiting != null) {
      waiting.active.incrementAndGet();
      call.whenOver(
          () -> {
            waiting.since = ticker.nanos();
            waiting.served = true;
            waiting.active.decrementAndGet();
            if (call.response()
                .headers()
                .contains(HttpHeaders.CONNECTION, HttpHeaders.CLOSE, true)) {
              waiting.closing = true;
              closeAfter(call);
            }
          });
    }
  }

  /**
   * Lets a client that is still sending see the answer: closed under its hands, the connection
   * would be reset and the answer lost.
   */
  private void closeAfter(Call call) {
    HttpServerRequest request = call.request();
    HttpConnection connection = request.connection();
    if (request.isEnded()) {
      connection.close();
      return;
    }
    long timer = vertx.setTimer(patience.linger().toMillis(), late -> connection.close());
    request.handler(ignored -> {});
    request.exceptionHandler(broken -> vertx.cancelTimer(timer));
    request.endHandler(
        end -> {
          vertx.cancelTimer(timer);
          connection.close();
        });
    request.resume();
  }

  /**
   * Whether the connection has had its last answer. What still comes on it may be what a refused
   * request hid, and must not be taken for a request.
   */
  boolean isClosing(HttpConnection connection) {
    Waiting waiting = connections.get(connection);
    return waiting == null || waiting.closing;
  }

  private void closeSilent() {
    long now = ticker.nanos();
    connections.forEach(
        (connection, waiting) -> {
          Duration within = waiting.served ? patience.nextHead() : patience.firstHead();
          if (waiting.active.get() == 0 && now - waiting.since > within.toNanos()) {
            connection.close();
          }
        });
  }
}

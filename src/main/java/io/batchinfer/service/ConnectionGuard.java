package io.batchinfer.service;

import io.batchinfer.time.Ticker;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the number of connections, and closes those on which no request comes to its end: a client
 * that sends a head byte by byte keeps a connection busy without ever being idle. Thread-safe.
 */
final class ConnectionGuard implements Handler<HttpConnection> {
  private static final Duration LOOK = Duration.ofSeconds(5);

  /** From the connection, or from the last answer, to the next complete head. */
  private static final Duration HEAD_WITHIN = Duration.ofSeconds(75);

  private static final Duration FIRST_HEAD_WITHIN = Duration.ofSeconds(20);

  private final Ticker ticker;
  private final int most;
  private final Map<HttpConnection, Waiting> connections = new ConcurrentHashMap<>();

  private static final class Waiting {
    private final AtomicInteger active = new AtomicInteger();
    private volatile long since;
    private volatile boolean served;

    Waiting(long now) {
      since = now;
    }
  }

  ConnectionGuard(Vertx vertx, int most, Ticker ticker) {
    this.ticker = ticker;
    this.most = most;
    vertx.setPeriodic(LOOK.toMillis(), timer -> closeSilent());
  }

  @Override
  public void handle(HttpConnection connection) {
    connections.put(connection, new Waiting(ticker.nanos()));
    connection.closeHandler(closed -> connections.remove(connection));
    if (connections.size() > most) {
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
          });
    }
  }

  private void closeSilent() {
    long now = ticker.nanos();
    connections.forEach(
        (connection, waiting) -> {
          Duration patience = waiting.served ? HEAD_WITHIN : FIRST_HEAD_WITHIN;
          if (waiting.active.get() == 0 && now - waiting.since > patience.toNanos()) {
            connection.close();
          }
        });
  }
}

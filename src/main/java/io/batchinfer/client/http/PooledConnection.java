package io.batchinfer.client.http;

import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpClientConnection;

/** An open connection and how much of it is in use. Confined to its event loop. */
final class PooledConnection {
  final HttpClientConnection http;
  final boolean multiplexed;
  private int active;
  private boolean discarded;

  PooledConnection(HttpClientConnection http) {
    this.http = http;
    this.multiplexed = http.protocolVersion() == HttpVersion.HTTP_2;
  }

  /** Takes room for one exchange, if there is any. */
  boolean tryUse() {
    if (discarded || active >= concurrency()) {
      return false;
    }
    active++;
    return true;
  }

  void giveBack() {
    active--;
  }

  boolean hasRoom() {
    return !discarded && active < concurrency();
  }

  long concurrency() {
    return multiplexed ? http.concurrency() : 1;
  }

  /** Keeps the connection from new exchanges; true the first time. */
  boolean discard() {
    boolean first = !discarded;
    discarded = true;
    return first;
  }

  boolean isDiscarded() {
    return discarded;
  }
}

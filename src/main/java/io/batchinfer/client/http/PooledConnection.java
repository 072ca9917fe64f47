package io.batchinfer.client.http;

import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpClientConnection;

/** An open connection and how much of it is in use. Confined to its event loop. */
final class PooledConnection {
  final HttpClientConnection http;
  final boolean multiplexed;
  private int active;
  private int lastUsed;
  private boolean discarded;
  private int lastProcessedStream = Integer.MAX_VALUE;

  PooledConnection(HttpClientConnection http) {
    this.http = http;
    this.multiplexed = http.protocolVersion() == HttpVersion.HTTP_2;
  }

  boolean isOpen() {
    return http.channelHandlerContext().channel().isActive();
  }

  /** Takes room for one exchange, if there is any. */
  boolean tryUse() {
    if (discarded || active >= concurrency()) {
      return false;
    }
    active++;
    return true;
  }

  /**
   * Ends one use.
   *
   * @param now the current idle period of the lane
   */
  void giveBack(int now) {
    active--;
    lastUsed = now;
  }

  /** The peer goes away and has not looked at later streams than this. */
  void goingAway(int lastStream) {
    lastProcessedStream = lastStream;
  }

  boolean wasIgnored(long stream) {
    return stream > lastProcessedStream;
  }

  void markUsed(int now) {
    lastUsed = now;
  }

  boolean isUnused() {
    return active == 0;
  }

  boolean isUnusedSince(int period) {
    return active == 0 && lastUsed <= period;
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

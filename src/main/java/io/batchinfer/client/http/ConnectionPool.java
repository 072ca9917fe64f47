package io.batchinfer.client.http;

import io.batchinfer.client.TransportException;
import io.batchinfer.policy.SilentConnections;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientConnection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the event loops of a transport share: the exchanges that wait for a connection and the
 * limits. Thread-safe. Every change that could serve a waiting exchange is followed by a look at
 * the queue, and every entry into the queue by a look at the connections, so that none is left
 * waiting.
 */
final class ConnectionPool {
  /** Streams that a connection is expected to offer until one has said. */
  private static final int USUAL_STREAMS = 100;

  private final int maxConnections;
  private final Failures failures;
  private final Supplier<Future<HttpClientConnection>> connector;
  private final ConcurrentLinkedQueue<Exchange> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitingCount = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger opening = new AtomicInteger();
  private final AtomicInteger streams = new AtomicInteger();
  private final SilentConnections silent = new SilentConnections();
  private volatile int streamsPerConnection;
  private volatile List<LoopConnections> loops = List.of();
  private volatile boolean closed;
  private volatile boolean distrustful;

  ConnectionPool(
      int maxConnections,
      boolean mayMultiplex,
      Failures failures,
      Supplier<Future<HttpClientConnection>> connector) {
    this.maxConnections = maxConnections;
    this.failures = failures;
    this.connector = connector;
    this.streamsPerConnection = mayMultiplex ? USUAL_STREAMS : 1;
  }

  void useLoops(List<LoopConnections> newLoops) {
    loops = List.copyOf(newLoops);
  }

  SilentConnections silent() {
    return silent;
  }

  Failures failures() {
    return failures;
  }

  Future<HttpClientConnection> connect() {
    return connector.get();
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Ends the reuse of HTTP/1.1 connections: a server that once sent what nobody had asked for may
   * do so again while the next request is under way, which would take it for its answer.
   */
  void distrust() {
    distrustful = true;
  }

  boolean isDistrustful() {
    return distrustful;
  }

  boolean nobodyWaits() {
    return waitingCount.get() == 0;
  }

  void enqueue(Exchange exchange) {
    waiting.add(exchange);
    waitingCount.incrementAndGet();
    if (closed) {
      failWaiting(Integer.MAX_VALUE, failures.closed());
    }
  }

  @Nullable Exchange dequeue() {
    Exchange exchange = waiting.poll();
    if (exchange != null) {
      waitingCount.decrementAndGet();
    }
    return exchange;
  }

  /** Room for one more connection, if more exchanges wait than connections are on the way. */
  boolean tryReserveOpening() {
    if (closed
        || streams.get() >= maxConnections
        || waitingCount.get() <= (long) opening.get() * streamsPerConnection) {
      return false;
    }
    if (!incrementBelow(usefulConnections(), connections)) {
      return false;
    }
    opening.incrementAndGet();
    return true;
  }

  /** As many as offer room for all permitted requests, however these spread over the loops. */
  private int usefulConnections() {
    int streamsOfOne = streamsPerConnection;
    int full = (maxConnections + streamsOfOne - 1) / streamsOfOne;
    return Math.min(maxConnections, streamsOfOne == 1 ? full : full + loops.size() - 1);
  }

  void openingSucceeded(PooledConnection connection) {
    streamsPerConnection = (int) Math.max(1, Math.min(connection.concurrency(), maxConnections));
    opening.decrementAndGet();
  }

  /** Fails the exchanges for which the connection was opened. */
  void openingFailed(Throwable cause) {
    opening.decrementAndGet();
    connections.decrementAndGet();
    failWaiting(streamsPerConnection, closed ? failures.closed() : failures.connecting(cause));
  }

  /** As above, for a reason that lies in this program. */
  void openingBroke(Throwable thrown) {
    opening.decrementAndGet();
    connections.decrementAndGet();
    endWaiting(streamsPerConnection, exchange -> exchange.abandon(thrown));
  }

  /** Fails one exchange for which a connection was opened that proved useless before any use. */
  void openedInVain(TransportException failure) {
    failWaiting(1, failure);
  }

  void connectionGone() {
    connections.decrementAndGet();
  }

  boolean tryReserveStream() {
    return incrementBelow(maxConnections, streams);
  }

  /** Never passes the limit, not even for a moment in which another thread would see none left. */
  private static boolean incrementBelow(int limit, AtomicInteger counter) {
    int current = counter.get();
    while (current < limit) {
      if (counter.compareAndSet(current, current + 1)) {
        return true;
      }
      current = counter.get();
    }
    return false;
  }

  void releaseStream() {
    streams.decrementAndGet();
  }

  /** Lets other loops serve the queue with connections that this loop does not have. */
  void wakeOthers(LoopConnections loop) {
    if (nobodyWaits() || streams.get() >= maxConnections) {
      return;
    }
    for (LoopConnections other : loops) {
      if (other != loop && other.hasRoom()) {
        other.execute(other::serveWaiting);
      }
    }
  }

  /** Closes idle connections, of whichever loop, as far as silent ones ask for it. */
  void idleMakeWay() {
    for (LoopConnections loop : loops) {
      if (loop.hasRoom()) {
        loop.execute(loop::idleMakeWay);
      }
    }
  }

  void close() {
    closed = true;
    failWaiting(Integer.MAX_VALUE, failures.closed());
  }

  private void failWaiting(int atMost, TransportException failure) {
    endWaiting(atMost, exchange -> exchange.fail(failure));
  }

  private void endWaiting(int atMost, Consumer<Exchange> end) {
    for (int count = 0; count < atMost; count++) {
      Exchange exchange = dequeue();
      if (exchange == null) {
        return;
      }
      end.accept(exchange);
    }
  }
}

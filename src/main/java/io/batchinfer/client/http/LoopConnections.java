package io.batchinfer.client.http;

import io.batchinfer.policy.SilentConnections;
import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import io.vertx.core.Future;
import io.vertx.core.http.impl.UnpooledHttpClientConnection;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop. All methods run on that loop, unless they say otherwise, and
 * an exchange that starts on a loop stays on it as long as the loop has a connection or may open
 * one.
 */
final class LoopConnections {
  /** A connection stays idle for two to three of these before it is closed. */
  private static final Duration IDLE_PERIOD = Duration.ofSeconds(30);

  private static final int IDLE_PERIODS_KEPT = 3;

  /** How often idle connections are asked to make way for silent ones. */
  private static final Duration MAKE_WAY_PERIOD = Duration.ofMillis(50);

  private final ConnectionPool pool;
  private final ContextInternal context;
  private final Ticker ticker;
  private final Scheduler scheduler;
  private final SilentConnections silent;
  private final Deadlines deadlines;
  private final SocketProbe probe = new SocketProbe();
  private final Deque<PooledConnection> idle = new ArrayDeque<>();
  private final List<PooledConnection> multiplexed = new ArrayList<>();
  private volatile boolean hasRoom;
  private int idlePeriod;
  private boolean idleClockRuns;
  private boolean serving;
  private boolean looksForSilence;

  LoopConnections(
      ConnectionPool pool,
      ContextInternal context,
      Ticker ticker,
      Scheduler scheduler,
      Duration timeout) {
    this.pool = pool;
    this.context = context;
    this.ticker = ticker;
    this.scheduler = scheduler;
    this.silent = pool.silent();
    this.deadlines = new Deadlines(scheduler, timeout, this::execute);
  }

  ContextInternal context() {
    return context;
  }

  Deadlines deadlines() {
    return deadlines;
  }

  /** Callable from any thread. */
  boolean isCurrent() {
    return context.nettyEventLoop().inEventLoop();
  }

  /** Callable from any thread: whether a waiting exchange might find a connection here. */
  boolean hasRoom() {
    return hasRoom;
  }

  /** Callable from any thread; when the loop has ended there is nothing left to do on it. */
  void execute(Runnable task) {
    boolean unused = tryExecute(task);
  }

  /** Callable from any thread; false when the loop has ended. */
  boolean tryExecute(Runnable task) {
    try {
      context.nettyEventLoop().execute(task);
      return true;
    } catch (RejectedExecutionException ended) {
      return false;
    }
  }

  void dispatch(Exchange exchange) {
    if (pool.isClosed()) {
      exchange.fail(pool.failures().closed());
      return;
    }
    PooledConnection connection = pool.nobodyWaits() ? take() : null;
    if (connection != null) {
      exchange.begin(this, connection);
    } else {
      pool.enqueue(exchange);
      serveWaiting();
    }
  }

  /** Starts waiting exchanges on free connections, then opens connections for the rest. */
  void serveWaiting() {
    if (serving) {
      // An exchange that fails at once gives its connection back within the loop below.
      return;
    }
    serving = true;
    try {
      startWaiting();
      while (pool.tryReserveOpening()) {
        openConnection();
      }
    } finally {
      serving = false;
    }
    pool.wakeOthers(this);
  }

  private void startWaiting() {
    while (!pool.nobodyWaits()) {
      PooledConnection connection = take();
      if (connection == null) {
        break;
      }
      Exchange exchange = pool.dequeue();
      if (exchange == null) {
        release(connection);
      } else {
        exchange.begin(this, connection);
      }
    }
  }

  private @Nullable PooledConnection take() {
    PooledConnection connection = idle.pollLast();
    while (connection != null) {
      if (isFit(connection)) {
        connection.tryUse();
        roomChanged();
        return connection;
      }
      connection = idle.pollLast();
    }
    for (PooledConnection candidate : multiplexed) {
      if (candidate.hasRoom() && pool.tryReserveStream()) {
        candidate.tryUse();
        roomChanged();
        return candidate;
      }
    }
    return null;
  }

  /** Whether a request may begin on an idle connection; one that is unfit is closed. */
  private boolean isFit(PooledConnection connection) {
    if (!connection.isOpen()) {
      // It has just closed, and is listed until its close is told.
      return false;
    }
    if (!mayKeep(connection)) {
      drop(connection);
      return false;
    }
    boolean encrypted = connection.http.isSsl();
    if (encrypted && !connection.isUsed()) {
      // What may be there belongs to the handshake.
      return true;
    }
    SocketProbe.Finding finding = probe.look(connection.channel());
    if (finding == SocketProbe.Finding.NOTHING) {
      return true;
    }
    if (finding == SocketProbe.Finding.STRAY_BYTES && !encrypted) {
      pool.distrust();
    }
    spoiled(connection);
    return false;
  }

  /** Something came on an idle connection, or its end. */
  private void spoiled(PooledConnection connection) {
    drop(connection);
    if (!connection.isUsed()) {
      // Opening another one for the same exchange could go on for ever.
      pool.openedInVain(pool.failures().spokeFirst());
    }
  }

  private void unasked(PooledConnection connection, Unasked bytes) {
    if (bytes == Unasked.STRAY) {
      pool.distrust();
    }
    spoiled(connection);
  }

  /** After its answer: whether another request may follow on the connection. */
  boolean mayKeep(PooledConnection connection) {
    if (connection.wasFollowed()) {
      pool.distrust();
    }
    return connection.isReusable() && !(pool.isDistrustful() && connection.isUsed());
  }

  /** Discards and closes a connection whatever is under way on it. */
  void drop(PooledConnection connection) {
    discard(connection);
    connection.closeNow(pool.isDistrustful());
  }

  /** A request is about to be written to the connection. */
  void sent(PooledConnection connection) {
    if (!connection.multiplexed) {
      connection.sent(silent, ticker.nanos());
      if (!silent.none()) {
        lookForSilence();
      }
    }
  }

  /** Something of its answer has come. */
  void heard(PooledConnection connection) {
    if (!connection.multiplexed) {
      connection.heard(silent);
    }
  }

  /** The request has ended, with or without an answer. */
  void ended(PooledConnection connection) {
    if (!connection.multiplexed) {
      connection.ended(silent, ticker.nanos());
    }
  }

  private void lookForSilence() {
    if (!looksForSilence && !pool.isClosed()) {
      looksForSilence = true;
      scheduler.schedule(
          () ->
              execute(
                  () -> {
                    looksForSilence = false;
                    pool.idleMakeWay();
                    if (!silent.none()) {
                      lookForSilence();
                    }
                  }),
          MAKE_WAY_PERIOD);
    }
  }

  /** Nobody needs the idle connections just now; the server may need what it spends on them. */
  void idleMakeWay() {
    while (!idle.isEmpty() && silent.makesWay(false, ticker.nanos())) {
      discard(idle.getFirst());
    }
  }

  /** Ends the use of a connection by one exchange. */
  void release(PooledConnection connection) {
    connection.giveBack(idlePeriod);
    startIdleClock();
    if (connection.multiplexed) {
      pool.releaseStream();
      closeIfDrained(connection);
    } else if (!connection.isDiscarded()) {
      idle.addLast(connection);
      if (connection.hasAnswered() && !silent.none() && silent.makesWay(true, ticker.nanos())) {
        discard(connection);
        return;
      }
    }
    roomChanged();
    if (!pool.nobodyWaits()) {
      serveWaiting();
    }
  }

  /** Takes the connection out of the pool; it stays open for exchanges that still use it. */
  void discard(PooledConnection connection) {
    if (connection.discard()) {
      idle.remove(connection);
      multiplexed.remove(connection);
      roomChanged();
      pool.connectionGone();
      closeIfDrained(connection);
      if (!pool.nobodyWaits()) {
        serveWaiting();
      }
    }
  }

  private void startIdleClock() {
    if (!idleClockRuns && !pool.isClosed()) {
      idleClockRuns = true;
      scheduler.schedule(() -> execute(this::closeUnused), IDLE_PERIOD);
    }
  }

  private void closeUnused() {
    idleClockRuns = false;
    idlePeriod++;
    List<PooledConnection> all = new ArrayList<>(idle);
    all.addAll(multiplexed);
    for (PooledConnection connection : all) {
      if (connection.isUnusedSince(idlePeriod - IDLE_PERIODS_KEPT)) {
        discard(connection);
      }
    }
    if (!idle.isEmpty() || !multiplexed.isEmpty()) {
      startIdleClock();
    }
  }

  private static void closeIfDrained(PooledConnection connection) {
    if (connection.isDiscarded() && connection.isUnused()) {
      connection.http.close();
    }
  }

  private void roomChanged() {
    boolean room = !idle.isEmpty() || hasStreamFree();
    if (room != hasRoom) {
      hasRoom = room;
    }
  }

  private boolean hasStreamFree() {
    for (PooledConnection connection : multiplexed) {
      if (connection.hasRoom()) {
        return true;
      }
    }
    return false;
  }

  private void openConnection() {
    context.dispatch(
        ignored -> {
          Future<io.vertx.core.http.HttpClientConnection> opening = pool.connect();
          opening.onComplete(
              result -> {
                if (result.failed()) {
                  pool.openingFailed(result.cause());
                } else {
                  tryAdd((UnpooledHttpClientConnection) result.result());
                }
                serveWaiting();
              });
        });
  }

  /** A connection that cannot be used is none: those it was opened for must not wait for it. */
  private void tryAdd(UnpooledHttpClientConnection opened) {
    PooledConnection connection;
    try {
      connection = prepared(opened);
    } catch (RuntimeException | Error thrown) {
      pool.openingBroke(thrown);
      opened.close();
      return;
    }
    (connection.multiplexed ? multiplexed : idle).add(connection);
    roomChanged();
  }

  private PooledConnection prepared(UnpooledHttpClientConnection unpooled) {
    PooledConnection[] self = new PooledConnection[1];
    PooledConnection connection =
        new PooledConnection(unpooled.unwrap(), bytes -> unasked(self[0], bytes));
    self[0] = connection;
    // Exchanges learn of failures by themselves; without a handler the library logs each as error.
    connection.http.exceptionHandler(ignored -> {});
    connection.http.evictionHandler(ignored -> discard(connection));
    connection.markUsed(idlePeriod);
    startIdleClock();
    if (connection.multiplexed) {
      connection.http.goAwayHandler(goAway -> connection.goingAway(goAway.getLastStreamId()));
      connection.http.concurrencyChangeHandler(
          ignored -> {
            roomChanged();
            serveWaiting();
          });
    }
    pool.openingSucceeded(connection);
    return connection;
  }
}

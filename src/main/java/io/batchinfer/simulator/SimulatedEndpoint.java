package io.batchinfer.simulator;

import io.batchinfer.time.SystemTime;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * An HTTP endpoint that answers like OpenAI's and Mistral's inference endpoints without any model
 * behind it. An answer is a pure function of the request and the seed. Thread-safe; all its threads
 * are daemons and end with {@link #close}.
 */
public final class SimulatedEndpoint implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long LOG_FLUSH_MILLIS = 200;
  private static final int BACKLOG = 4096;

  private final Vertx vertx;
  private final SystemTime time;
  private final SimulatorState state;
  private final int port;

  private SimulatedEndpoint(Vertx vertx, SystemTime time, SimulatorState state, int port) {
    this.vertx = vertx;
    this.time = time;
    this.state = state;
    this.port = port;
  }

  /**
   * Starts listening; returns once connections are accepted.
   *
   * @throws UncheckedIOException if the address cannot be listened on or the request log cannot be
   *     opened; its message is fit for a user
   */
  public static SimulatedEndpoint start(SimulatorSettings settings) {
    SystemTime time = new SystemTime("simulator-time");
    Optional<RequestLog> log = settings.requestLog().map(SimulatedEndpoint::open);
    SimulatorState state = new SimulatorState(settings, time, Clock.systemUTC(), log);
    Vertx vertx = Vertx.vertx(vertxOptions(settings));
    try {
      int port = listen(vertx, state, settings);
      log.ifPresent(file -> vertx.setPeriodic(LOG_FLUSH_MILLIS, timer -> file.flush()));
      return new SimulatedEndpoint(vertx, time, state, port);
    } catch (IOException e) {
      vertx.close();
      time.close();
      log.ifPresent(RequestLog::close);
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** The address without {@code /v1}, for example {@code http://127.0.0.1:8089}. */
  public URI baseUrl() {
    String host = state.settings().host();
    String literal = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + literal + ":" + port);
  }

  public int port() {
    return port;
  }

  /** The settings in force. */
  public SimulatorSettings settings() {
    return state.settings();
  }

  public SimulatorStatistics statistics() {
    return state.statistics();
  }

  /** Forgets statistics, attempts and used limits, as {@code POST /simulator/reset} does. */
  public void reset() {
    state.reset();
  }

  /**
   * Changes behaviour for the requests that come from now on. Address, event loops and request log
   * stay as they were started.
   */
  public void change(Consumer<SimulatorSettings.Builder> change) {
    synchronized (state) {
      SimulatorSettings.Builder builder = state.settings().toBuilder();
      change.accept(builder);
      state.change(builder.build());
    }
  }

  /** Changes how many requests are worked on at the same time; 0 for no limit. */
  public void setSlots(int slots) {
    change(settings -> settings.slots(slots));
  }

  /** Changes how often a fault hits; 0 switches it off. */
  public void setFault(Fault fault, double rate) {
    change(settings -> settings.fault(fault, rate));
  }

  /** Writes out what the request log still buffers. */
  public void flushRequestLog() {
    state.log.ifPresent(RequestLog::flush);
  }

  /** Breaks open connections, stops listening and closes the request log. */
  @Override
  public void close() {
    try {
      await(vertx.close());
    } catch (IOException e) {
      throw new UncheckedIOException("The simulated endpoint did not stop: " + e.getMessage(), e);
    } finally {
      time.close();
      state.log.ifPresent(RequestLog::close);
    }
  }

  private static RequestLog open(Path file) {
    try {
      return new RequestLog(file);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot write the request log \"%s\": %s. Name a file that can be written."
              .formatted(file, e),
          e);
    }
  }

  private static VertxOptions vertxOptions(SimulatorSettings settings) {
    return new VertxOptions()
        .setEventLoopPoolSize(settings.eventLoops())
        .setUseDaemonThread(true)
        .setPreferNativeTransport(true)
        .setBlockedThreadCheckInterval(1)
        .setBlockedThreadCheckIntervalUnit(TimeUnit.HOURS)
        .setFileSystemOptions(
            new FileSystemOptions()
                .setClassPathResolvingEnabled(false)
                .setFileCachingEnabled(false));
  }

  private static int listen(Vertx vertx, SimulatorState state, SimulatorSettings settings)
      throws IOException {
    try {
      boolean findFreePort = settings.port() == 0 && settings.eventLoops() > 1;
      int port = findFreePort ? freePort(settings.host()) : settings.port();
      int listening = await(listenOnOneLoop(vertx, state, settings, port));
      for (int i = 1; i < settings.eventLoops(); i++) {
        await(listenOnOneLoop(vertx, state, settings, port));
      }
      return listening;
    } catch (IOException e) {
      throw new IOException(
          "Cannot listen on %s:%d: %s. Choose another address or port; port 0 takes any free one."
              .formatted(settings.host(), settings.port(), e.getMessage()),
          e);
    }
  }

  /** Vert.x shares a port among event loops only if the port is named. */
  private static int freePort(String host) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(host, 0));
      return socket.getLocalPort();
    }
  }

  private static Future<Integer> listenOnOneLoop(
      Vertx vertx, SimulatorState state, SimulatorSettings settings, int port) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(settings.host())
            .setPort(port)
            .setAcceptBacklog(BACKLOG)
            .setTcpNoDelay(true)
            .setHandle100ContinueAutomatically(true)
            .setDecompressionSupported(true);
    Context context = ((VertxInternal) vertx).createEventLoopContext();
    Promise<Integer> listening = Promise.promise();
    context.runOnContext(
        now ->
            vertx
                .createHttpServer(options)
                .requestHandler(new RequestDispatcher(state, context))
                .listen()
                .map(HttpServer::actualPort)
                .onComplete(listening));
    return listening.future();
  }

  private static <T> T await(Future<T> future) throws IOException {
    try {
      return future.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + PATIENCE.toSeconds() + " s", e);
    } catch (Throwable e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}

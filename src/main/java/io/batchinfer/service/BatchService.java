package io.batchinfer.service;

import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.schedule.BatchScheduler;
import io.batchinfer.service.keys.AccessKeys;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.time.Ticker;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The HTTP service over a registry of jobs. Thread-safe; ends with {@link #close}. */
public final class BatchService implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int BACKLOG = 4096;
  private static final int WORKERS = 32;
  private static final int LONGEST_LINE = 8192;
  private static final int LARGEST_HEAD = 16 << 10;
  private static final int CHUNK = 64 << 10;

  private final Vertx vertx;
  private final BodyStreams streams;
  private final int port;
  private final ServiceSettings settings;

  private BatchService(Vertx vertx, BodyStreams streams, ServiceSettings settings, int port) {
    this.vertx = vertx;
    this.streams = streams;
    this.settings = settings;
    this.port = port;
  }

  /**
   * What the service stands on.
   *
   * @param ready whether it may take jobs
   * @param deployments whether a workspace may use the deployment of a name
   */
  public record Parts(
      BatchRegistry registry,
      BatchScheduler scheduler,
      AccessKeys keys,
      ServiceMetrics metrics,
      Ticker ticker,
      Consumer<String> accessLog,
      BooleanSupplier ready,
      BiPredicate<String, String> deployments) {}

  /**
   * Starts to listen; returns once connections are accepted.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where the address cannot be listened on
   */
  public static BatchService start(ServiceSettings settings, Parts parts) {
    return start(
        settings, parts, Patience.DEFAULT, HeapShares.of(Runtime.getRuntime().maxMemory()));
  }

  static BatchService start(
      ServiceSettings settings, Parts parts, Patience patience, HeapShares heap) {
    Vertx vertx = Vertx.vertx(vertxOptions());
    BodyStreams streams = new BodyStreams(patience.download());
    try {
      RequestRouter handler =
          handler(
              vertx,
              ServiceRoutes.all(streams, settings, parts, patience, heap),
              settings,
              parts,
              patience);
      int port = settings.port() == 0 ? freePort(settings) : settings.port();
      await(
          vertx.deployVerticle(
              () -> new Listener(settings, patience.idle(), handler, port),
              new DeploymentOptions()
                  .setThreadingModel(ThreadingModel.EVENT_LOOP)
                  .setInstances(eventLoops())));
      return new BatchService(vertx, streams, settings, port);
    } catch (RuntimeException e) {
      streams.close();
      vertx.close();
      throw e;
    }
  }

  private static RequestRouter handler(
      Vertx vertx, List<Route> routes, ServiceSettings settings, Parts parts, Patience patience) {
    return new RequestRouter(
        vertx,
        routes,
        parts.keys(),
        new CallRates(parts.ticker()),
        new ConnectionGuard(vertx, settings.maxConnections(), parts.ticker(), patience),
        new AccessLog(parts.accessLog(), Clock.systemUTC(), parts.ticker(), parts.metrics()));
  }

  private static VertxOptions vertxOptions() {
    return new VertxOptions()
        .setEventLoopPoolSize(eventLoops())
        .setWorkerPoolSize(WORKERS)
        .setUseDaemonThread(true)
        .setPreferNativeTransport(true)
        .setFileSystemOptions(
            new FileSystemOptions()
                .setClassPathResolvingEnabled(false)
                .setFileCachingEnabled(false));
  }

  /** The event loops share a port only where it is named. */
  private static int freePort(ServiceSettings settings) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(settings.host(), 0));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw cannotListen(settings, e);
    }
  }

  private static BatchException cannotListen(ServiceSettings settings, Throwable failure) {
    return new BatchException(
        ErrorCode.USAGE,
        "Cannot listen on %s:%d: %s. Choose another --host or --port; port 0 takes any free one."
            .formatted(settings.host(), settings.port(), failure.getMessage()),
        failure);
  }

  private static int eventLoops() {
    return Math.min(8, Runtime.getRuntime().availableProcessors());
  }

  /** Listens on the port, which all event loops share. */
  private static final class Listener extends VerticleBase {
    private final ServiceSettings settings;
    private final Duration idle;
    private final RequestRouter handler;
    private final int port;

    Listener(ServiceSettings settings, Duration idle, RequestRouter handler, int port) {
      this.settings = settings;
      this.idle = idle;
      this.handler = handler;
      this.port = port;
    }

    @Override
    public Future<?> start() {
      HttpServerOptions options =
          new HttpServerOptions()
              .setHost(settings.host())
              .setPort(port)
              .setAcceptBacklog(BACKLOG)
              .setTcpNoDelay(true)
              .setMaxInitialLineLength(LONGEST_LINE)
              .setMaxHeaderSize(LARGEST_HEAD)
              .setMaxChunkSize(CHUNK)
              .setIdleTimeout((int) idle.toMillis())
              .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
              .setHandle100ContinueAutomatically(false)
              // The bounds above are those of HTTP/1.1; no client of these APIs needs more.
              .setHttp2ClearTextEnabled(false)
              .setUseAlpn(false);
      settings
          .certificate()
          .ifPresent(
              certificate ->
                  options
                      .setSsl(true)
                      .setKeyCertOptions(
                          new PemKeyCertOptions()
                              .setCertPath(certificate.chain().toString())
                              .setKeyPath(certificate.key().toString())));
      HttpServer server = vertx.createHttpServer(options);
      return server
          .connectionHandler(handler.connections())
          .invalidRequestHandler(handler::refuseMalformed)
          .requestHandler(handler)
          .listen()
          .recover(failure -> Future.failedFuture(cannotListen(settings, failure)));
    }
  }

  public int port() {
    return port;
  }

  /** Address for people on this machine. */
  public String url() {
    String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
    return (settings.certificate().isPresent() ? "https://" : "http://") + host + ":" + port;
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer within " + PATIENCE.toSeconds() + " s", e);
    }
  }

  /** Stops to listen, lets calls that are being answered end, and breaks what is left. */
  @Override
  public void close() {
    await(vertx.close());
    streams.close();
  }
}

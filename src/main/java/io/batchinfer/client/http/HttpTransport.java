package io.batchinfer.client.http;

import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.policy.SilentConnections;
import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * The channel over HTTP to one base URL. Thread-safe. Replies complete on an event loop; a request
 * that is sent from there, by a dependant of a reply, stays on that thread and its connections.
 */
public final class HttpTransport implements InferenceChannel, AutoCloseable {
  private static final long CLOSE_TIMEOUT_SECONDS = 10;

  private final String name;
  private final EventLoops eventLoops;
  private final boolean ownsEventLoops;
  private final HttpClientAgent client;
  private final ConnectionPool pool;
  private final ExchangeSettings endpoint;
  private final LoopConnections[] loops;
  private final AtomicInteger nextLoop = new AtomicInteger();

  private HttpTransport(
      HttpTransportSettings settings,
      EventLoops eventLoops,
      boolean ownsEventLoops,
      Ticker ticker,
      Scheduler scheduler,
      BooleanSupplier maySend) {
    this.name = settings.baseUrl().toString();
    this.eventLoops = eventLoops;
    this.ownsEventLoops = ownsEventLoops;
    BaseUrl baseUrl = BaseUrl.parse(settings.baseUrl());
    Optional<HttpProxy> proxied = settings.proxy().map(HttpProxy::parse);
    Optional<HttpProxy> forwarder = proxied.filter(proxy -> !baseUrl.tls());
    Failures failures = new Failures(baseUrl.authority(), proxied);
    this.endpoint =
        new ExchangeSettings(
            new RequestHeads(baseUrl, forwarder.isPresent()),
            new RequestHeaders(
                settings.headers(),
                forwarder
                    .flatMap(HttpProxy::authorization)
                    .map(value -> Map.of("proxy-authorization", value))
                    .orElse(Map.of())),
            settings.maxResponseBytes(),
            settings.requestTimeout(),
            maySend,
            failures);
    this.client =
        eventLoops
            .vertx()
            .httpClientBuilder()
            .with(VertxOptionsOf.client(settings, baseUrl))
            .with(VertxOptionsOf.unusedPool())
            .build();
    HttpConnectOptions target = targetOf(baseUrl, forwarder);
    this.pool =
        new ConnectionPool(
            settings.maxConnections(),
            VertxOptionsOf.mayMultiplex(settings, baseUrl),
            failures,
            () -> connect(target));
    List<LoopConnections> all = new ArrayList<>();
    for (ContextInternal context : eventLoops.contexts()) {
      all.add(new LoopConnections(pool, context, ticker, scheduler, settings.requestTimeout()));
    }
    pool.useLoops(all);
    pool.silent().whenOwed(pool::idleMakeWay);
    this.loops = all.toArray(LoopConnections[]::new);
  }

  /**
   * Opens a transport on event loops of its own.
   *
   * @param time times the requests; outlives the transport
   * @param maySend asked on the event loop just before the first byte of a request; when it says
   *     no, nothing is sent and the request fails as {@code FENCED}
   * @throws BatchException when the CA file cannot be used
   */
  public static <T extends Ticker & Scheduler> HttpTransport open(
      HttpTransportSettings settings, T time, BooleanSupplier maySend) {
    EventLoops own = EventLoops.open(settings.eventLoops());
    try {
      return new HttpTransport(settings, own, true, time, time, maySend);
    } catch (RuntimeException failure) {
      own.close();
      throw failure;
    }
  }

  /** Opens a transport on shared event loops, which outlive it. */
  public static <T extends Ticker & Scheduler> HttpTransport open(
      HttpTransportSettings settings, EventLoops shared, T time, BooleanSupplier maySend) {
    return new HttpTransport(settings, shared, false, time, time, maySend);
  }

  @Override
  public CompletionStage<Reply> send(OutboundRequest request) {
    Exchange exchange = new Exchange(endpoint, request);
    for (LoopConnections loop : loops) {
      if (loop.isCurrent()) {
        dispatch(loop, exchange);
        return exchange.reply();
      }
    }
    LoopConnections loop = loops[Math.floorMod(nextLoop.getAndIncrement(), loops.length)];
    if (!loop.tryExecute(() -> dispatch(loop, exchange))) {
      exchange.fail(pool.failures().closed());
    }
    return exchange.reply();
  }

  private static void dispatch(LoopConnections loop, Exchange exchange) {
    try {
      loop.dispatch(exchange);
    } catch (RuntimeException | Error thrown) {
      exchange.abandon(thrown);
    }
  }

  /** The base URL. */
  @Override
  public String name() {
    return name;
  }

  @Override
  public SilentConnections silentConnections() {
    return pool.silent();
  }

  /** Closes all connections; requests in flight fail as {@code CONNECTION_LOST}. */
  @Override
  public void close() {
    pool.close();
    for (LoopConnections loop : loops) {
      loop.execute(loop.deadlines()::close);
    }
    var closed = client.close().toCompletionStage().toCompletableFuture();
    if (!eventLoops.isCurrentThreadOneOfThem()) {
      closed.orTimeout(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    }
    if (ownsEventLoops) {
      eventLoops.close();
    }
  }

  private Future<HttpClientConnection> connect(HttpConnectOptions target) {
    try {
      return client.connect(target);
    } catch (RuntimeException closed) {
      return Future.failedFuture(closed);
    }
  }

  private static HttpConnectOptions targetOf(BaseUrl baseUrl, Optional<HttpProxy> forwarder) {
    SocketAddress server =
        forwarder
            .map(proxy -> SocketAddress.inetSocketAddress(proxy.port(), proxy.host()))
            .orElseGet(() -> SocketAddress.inetSocketAddress(baseUrl.port(), baseUrl.host()));
    return new HttpConnectOptions()
        .setServer(server)
        .setHost(baseUrl.host())
        .setPort(baseUrl.port())
        .setSsl(baseUrl.tls());
  }
}

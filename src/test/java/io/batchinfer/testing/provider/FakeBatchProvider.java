package io.batchinfer.testing.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A provider of batch inference on the loopback interface: files, batches and, at the same address,
 * the interactive endpoints, which answer a body as its batches do. It checks what it is sent as
 * strictly as the real ones, goes wrong as its {@link FaultPlan} says, keeps everything in memory,
 * and so outlives every client that is killed. Thread-safe.
 */
public final class FakeBatchProvider implements AutoCloseable {

  private final ProviderSettings settings;
  private final FaultPlan faults;
  private final ProviderLedger ledger = new ProviderLedger();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);

  @GuardedBy("this")
  private final ProviderStore store;

  @GuardedBy("this")
  private final FileRoutes files;

  @GuardedBy("this")
  private final BatchRoutes batches;

  private volatile Consumer<String> beforeCall = route -> {};
  private volatile Consumer<String> beforeAnswer = route -> {};

  private FakeBatchProvider(ProviderSettings settings, FaultPlan faults, InstantSource clock) {
    this.settings = settings;
    this.faults = faults;
    this.store = new ProviderStore(settings, faults, ledger, clock);
    this.files = new FileRoutes(store);
    this.batches =
        settings.dialect() == ProviderDialect.OPENAI
            ? new OpenAiRoutes(store)
            : new MistralRoutes(store);
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::serve);
    server.setExecutor(threads);
    server.start();
  }

  /** Starts one whose batches go on in real time. */
  public static FakeBatchProvider start(ProviderSettings settings, FaultPlan faults) {
    return start(settings, faults, InstantSource.system());
  }

  /** Starts one whose batches go on as a clock does. */
  public static FakeBatchProvider start(
      ProviderSettings settings, FaultPlan faults, InstantSource clock) {
    return new FakeBatchProvider(settings, faults, clock);
  }

  /** What {@code --base-url} takes. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  public ProviderDialect dialect() {
    return settings.dialect();
  }

  public ProviderLedger ledger() {
    return ledger;
  }

  public FaultPlan faults() {
    return faults;
  }

  /**
   * Hears of every request before anything is done for it, such as {@code POST v1/files} or {@code
   * GET v1/files/*}, on the thread that will answer it.
   */
  public void beforeCall(Consumer<String> heard) {
    beforeCall = heard;
  }

  /** Hears of every request when all has been done for it, and nothing has been answered yet. */
  public void beforeAnswer(Consumer<String> heard) {
    beforeAnswer = heard;
  }

  /** Names of the files that have not been deleted. */
  public synchronized List<String> filesLeft() {
    store.advance();
    return store.files().values().stream().map(StoredFile::name).toList();
  }

  /** How many batches are in each status, by OpenAI's word for it. */
  public synchronized Map<String, Long> batchesByStatus() {
    store.advance();
    return store.batches().stream()
        .collect(Collectors.groupingBy(batch -> batch.status().openAi(), Collectors.counting()));
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      ProviderCall call = ProviderCall.read(exchange);
      beforeCall.accept(call.route());
      ProviderReply reply = reply(call);
      beforeAnswer.accept(call.route());
      send(exchange, reply);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, ProviderReply reply) throws IOException {
    if (reply.shown() < 0) {
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", reply.contentType());
    reply.headers().forEach(exchange.getResponseHeaders()::set);
    byte[] body = reply.body();
    exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
    if (reply.shown() > 0) {
      exchange.getResponseBody().write(body, 0, reply.shown());
      exchange.getResponseBody().flush();
    }
  }

  private ProviderReply reply(ProviderCall call) throws InterruptedException {
    ProviderReply reply;
    try {
      checkKey(call);
      reply = route(call);
    } catch (ProviderRefusal refusal) {
      if (refusal.status() != 429) {
        ledger.refused(call.route() + ": " + refusal.getMessage());
      }
      return Refusals.show(settings.dialect(), refusal);
    }
    if (reply.shown() < 0) {
      boolean unused = closed.await(settings.pace().silence().toMillis(), TimeUnit.MILLISECONDS);
    }
    return reply;
  }

  private void checkKey(ProviderCall call) {
    if (!settings.apiKey().isEmpty()
        && !call.authorization().equals("Bearer " + settings.apiKey())) {
      throw new ProviderRefusal(401, "invalid_api_key", "", "Incorrect API key provided.");
    }
  }

  private ProviderReply route(ProviderCall call) {
    String route = call.route();
    if (call.method().equals("GET") && faults.strikes(ProviderFault.READ_FAILS)) {
      return trouble(List.of(500, 502, 503));
    }
    if (route.equals("POST v1/files")) {
      return upload(call);
    }
    synchronized (this) {
      store.advance();
      String batchPath = batches.path();
      if (route.equals("POST " + batchPath)) {
        return create(call);
      } else if (route.equals("GET " + batchPath)) {
        return batches.list(call);
      } else if (route.equals("GET " + batchPath + "/*")) {
        return ProviderReply.json(200, batches.show(store.batch(last(call, 1))));
      } else if (route.equals("POST " + batchPath + "/*/cancel")) {
        return batches.cancel(store.batch(last(call, 2)));
      }
      return switch (route) {
        case "GET v1/files" -> files.list(call);
        case "GET v1/files/*" -> files.get(call.part(2));
        case "GET v1/files/*/content" -> files.content(call.part(2));
        case "DELETE v1/files/*" -> delete(call);
        default -> interactive(call);
      };
    }
  }

  private static String last(ProviderCall call, int fromEnd) {
    String[] parts = call.path().split("/", -1);
    return parts[parts.length - fromEnd];
  }

  private ProviderReply trouble(List<Integer> statuses) {
    int status = statuses.get(faults.pick(statuses.size()));
    return Refusals.show(
        settings.dialect(), new ProviderRefusal(status, "server_error", "", "Something broke."));
  }

  private ProviderReply throttled() {
    return Refusals.show(
        settings.dialect(),
        new ProviderRefusal(429, "rate_limit_exceeded", "", "Rate limit reached."));
  }

  private ProviderReply upload(ProviderCall call) {
    if (faults.strikes(ProviderFault.UPLOAD_THROTTLED)) {
      return throttled();
    }
    Upload upload = Upload.read(call);
    ProviderReply reply;
    synchronized (this) {
      store.advance();
      reply = files.upload(upload);
    }
    if (faults.strikes(ProviderFault.UPLOAD_UNANSWERED)) {
      return ProviderReply.none();
    }
    return faults.strikes(ProviderFault.UPLOAD_FAILS_AFTERWARDS)
        ? trouble(List.of(500, 502, 503, 504))
        : reply;
  }

  @GuardedBy("this")
  private ProviderReply create(ProviderCall call) {
    if (faults.strikes(ProviderFault.CREATE_THROTTLED)) {
      return throttled();
    }
    if (faults.strikes(ProviderFault.CREATE_THROTTLED_FOR_A_SECOND)) {
      return throttled().with("Retry-After", "1");
    }
    ProviderReply reply = batches.create(call.json());
    if (faults.strikes(ProviderFault.CREATE_UNANSWERED)) {
      return ProviderReply.none();
    }
    return faults.strikes(ProviderFault.CREATE_FAILS_AFTERWARDS)
        ? trouble(List.of(500, 502, 503, 504))
        : reply;
  }

  @GuardedBy("this")
  private ProviderReply delete(ProviderCall call) {
    ProviderReply reply = files.delete(call.part(2));
    return faults.strikes(ProviderFault.DELETE_FAILS_AFTERWARDS) ? trouble(List.of(500)) : reply;
  }

  private ProviderReply interactive(ProviderCall call) {
    if (!call.route().equals("POST v1/chat/completions")
        && !call.route().equals("POST v1/embeddings")) {
      throw new ProviderRefusal(404, "unknown_url", "", "Invalid URL: " + call.route());
    }
    JsonNode body = call.json();
    if (RowAnswers.isRefused(body)) {
      return ProviderReply.json(400, RowAnswers.refusal());
    }
    String hash = RowAnswers.hash(body);
    ledger.ranInteractively(hash);
    return ProviderReply.json(
        200, RowAnswers.answer("/" + call.path(), hash, RowAnswers.promptTokens(body)));
  }

  /** Stops listening; what was kept can still be looked at. */
  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}

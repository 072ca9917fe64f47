package io.batchinfer.testing;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.batchinfer.testing.S3Faults.Fault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Stands in front of an {@link S3Server}, counts the calls and gets in their way. Thread-safe;
 * faults may change at any time.
 */
public final class S3Front implements AutoCloseable {
  private static final int THREADS = 64;

  /** What is one connection's own, or what the client and the server set themselves. */
  private static final Set<String> OF_CONNECTION =
      Set.of(
          "connection", "content-length", "date", "expect", "host", "transfer-encoding", "upgrade");

  /** An object, or a folder, in an answer that lists. */
  private static final Pattern ENTRY = Pattern.compile("<(Contents|CommonPrefixes)>");

  private final S3Server server;
  private final HttpServer front;
  private final HttpClient client;
  private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(THREADS);
  private final List<Call> calls = new ArrayList<>();
  private volatile S3Faults faults = S3Faults.none();
  private volatile Duration delay = Duration.ZERO;

  private S3Front(S3Server server, HttpServer front) {
    this.server = server;
    this.front = front;
    this.client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  /**
   * One call.
   *
   * @param kind its method, or {@code LIST}, {@code COPY}, {@code DELETE MANY}
   * @param key of the object, with its bucket
   * @param listed objects and folders in the answer to a {@code LIST}
   */
  public record Call(String kind, String key, int listed) {}

  /** Starts one at a free port. */
  public static S3Front before(S3Server server) {
    try {
      HttpServer front =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      S3Front made = new S3Front(server, front);
      front.createContext("/", made::handle);
      front.setExecutor(
          task -> {
            ScheduledFuture<?> unused =
                made.threads.schedule(task, made.delay.toNanos(), TimeUnit.NANOSECONDS);
          });
      front.start();
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on those come in the way. */
  public void setFaults(S3Faults next) {
    faults = next;
  }

  /** From now on every call takes so much longer. */
  public void setDelay(Duration next) {
    delay = next;
  }

  /** The calls so far, and none of them again. */
  public List<Call> takeCalls() {
    synchronized (calls) {
      List<Call> taken = List.copyOf(calls);
      calls.clear();
      return taken;
    }
  }

  /** How many there were of each kind in each folder, the most first. */
  public static List<String> byFolder(List<Call> calls) {
    Map<String, Integer> folders = new TreeMap<>();
    calls.forEach(
        call ->
            folders.merge(
                call.kind() + " " + call.key().replaceFirst("[^/]*$", ""), 1, Integer::sum));
    return folders.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .toList();
  }

  /** How many there were of each kind. */
  public static Map<String, Integer> byKind(List<Call> calls) {
    Map<String, Integer> kinds = new TreeMap<>();
    calls.forEach(call -> kinds.merge(call.kind(), 1, Integer::sum));
    return kinds;
  }

  /** Settings of Spark with which {@code s3a:} comes here. */
  public List<String> settings() {
    List<String> words = new ArrayList<>();
    Map.of(
            "endpoint", "http://127.0.0.1:" + front.getAddress().getPort(),
            "endpoint.region", "us-east-1",
            "access.key", "any",
            "secret.key", "any",
            "path.style.access", "true",
            "connection.ssl.enabled", "false")
        .forEach(
            (name, value) ->
                words.addAll(List.of("--conf", "spark.hadoop.fs.s3a." + name + "=" + value)));
    return words;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      synchronized (calls) {
        calls.add(new Call(kind(exchange), key(exchange.getRequestURI()), 0));
      }
      Fault fault = faults.next();
      switch (fault) {
        case SLOW_DOWN -> refuse(exchange, 503, "SlowDown");
        case INTERNAL_ERROR -> refuse(exchange, 500, "InternalError");
        case CUT_REQUEST -> readHalf(exchange);
        case CUT_ANSWER, NONE -> forward(exchange, fault == Fault.CUT_ANSWER);
      }
    }
  }

  private static String key(URI uri) {
    String path = uri.getPath().substring(1).replaceFirst("/$", "");
    String query = uri.getQuery();
    for (String parameter : query == null ? new String[0] : query.split("&", -1)) {
      if (parameter.startsWith("prefix=")) {
        return path + "/" + parameter.substring("prefix=".length());
      }
    }
    return path;
  }

  private static String kind(HttpExchange exchange) {
    String method = exchange.getRequestMethod();
    String query = exchange.getRequestURI().getRawQuery();
    if (method.equals("GET") && query != null && query.contains("list-type")) {
      return "LIST";
    }
    if (method.equals("POST") && query != null && query.startsWith("delete")) {
      return "DELETE MANY";
    }
    return exchange.getRequestHeaders().containsKey("x-amz-copy-source") ? "COPY" : method;
  }

  private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
    exchange.getRequestBody().readAllBytes();
    byte[] body =
        "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>As a test wants it.</Message></Error>"
            .formatted(code)
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/xml");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
  }

  /** The connection is then closed, as the exchange is without an answer. */
  private static void readHalf(HttpExchange exchange) throws IOException {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    int half = length == null ? 1 : Integer.parseInt(length) / 2;
    InputStream in = exchange.getRequestBody();
    in.readNBytes(half);
  }

  private void forward(HttpExchange exchange, boolean cut) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.port() + exchange.getRequestURI()))
            .method(exchange.getRequestMethod(), BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (!OF_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
              }
            });
    HttpResponse<InputStream> answer;
    try {
      answer = client.send(request.build(), BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    // An object may be larger than this process, and a reader of its beginning hangs up.
    try (InputStream content = answer.body()) {
      answer(exchange, answer.statusCode(), answer.headers(), content, cut);
    }
  }

  private void answer(
      HttpExchange exchange, int status, HttpHeaders from, InputStream content, boolean cut)
      throws IOException {
    Headers headers = exchange.getResponseHeaders();
    from.map()
        .forEach(
            (name, values) -> {
              if (!OF_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                headers.put(name, values);
              }
            });
    boolean known = from.firstValue("content-length").isPresent();
    InputStream body = content;
    long length = from.firstValueAsLong("content-length").orElse(0);
    if (exchange.getRequestMethod().equals("HEAD")) {
      from.firstValue("content-length").ifPresent(value -> headers.set("Content-Length", value));
      length = 0;
    } else if (!known || kind(exchange).equals("LIST")) {
      byte[] whole = content.readAllBytes();
      if (kind(exchange).equals("LIST")) {
        noteListed(exchange, new String(whole, StandardCharsets.UTF_8));
      }
      body = new ByteArrayInputStream(whole);
      length = whole.length;
    }
    if (cut && length == 0) {
      return;
    }
    exchange.sendResponseHeaders(status, length == 0 ? -1 : length);
    if (cut) {
      exchange.getResponseBody().write(body.readNBytes((int) (length / 2)));
    } else {
      body.transferTo(exchange.getResponseBody());
    }
  }

  /** The call was counted when it came; now it is known how much it lists. */
  private void noteListed(HttpExchange exchange, String answer) {
    Call came = new Call(kind(exchange), key(exchange.getRequestURI()), 0);
    int listed = (int) ENTRY.matcher(answer).results().count();
    synchronized (calls) {
      if (listed > 0 && calls.remove(came)) {
        calls.add(new Call(came.kind(), came.key(), listed));
      }
    }
  }

  @Override
  public void close() {
    front.stop(0);
    threads.shutdownNow();
  }
}

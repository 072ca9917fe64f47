package io.batchinfer.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A collector of OTLP over HTTP that keeps all that it is sent. */
public final class OtlpCollector implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private final int status;

  /** One request: its path, its headers in small letters, and its body. */
  public record Received(String path, Map<String, String> headers, byte[] body) {}

  private OtlpCollector(int status) {
    this.status = status;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  /** One that takes everything. */
  public static OtlpCollector start() {
    return new OtlpCollector(200);
  }

  /** One that answers everything with a status; 0 for one that does not answer until it closes. */
  public static OtlpCollector answering(int status) {
    return new OtlpCollector(status);
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    Map<String, String> headers = new HashMap<>();
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), values.get(0)));
    received.add(new Received(exchange.getRequestURI().getPath(), headers, body));
    if (status == 0) {
      try {
        released.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    exchange.sendResponseHeaders(status == 0 ? 503 : status, -1);
    exchange.close();
  }

  /** What {@code --otlp-endpoint} takes. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  public List<Received> received() {
    return List.copyOf(received);
  }

  /** Every metric as it was last told by each process. */
  public List<Metric> lastMetrics() {
    Map<String, List<Metric>> byProcess = new HashMap<>();
    for (Received one : received) {
      if (one.path().equals("/v1/metrics")) {
        metricsOf(one)
            .getResourceMetricsList()
            .forEach(
                resource ->
                    byProcess.put(
                        resource.getResource().toString(),
                        resource.getScopeMetricsList().stream()
                            .flatMap(scope -> scope.getMetricsList().stream())
                            .toList()));
      }
    }
    return byProcess.values().stream().flatMap(List::stream).toList();
  }

  public List<Span> spans() {
    List<Span> spans = new ArrayList<>();
    for (Received one : received) {
      if (one.path().equals("/v1/traces")) {
        spansOf(one)
            .getResourceSpansList()
            .forEach(
                resource ->
                    resource
                        .getScopeSpansList()
                        .forEach(scope -> spans.addAll(scope.getSpansList())));
      }
    }
    return spans;
  }

  /** All that was received, headers included, as text in which strings can be looked for. */
  public String everything() {
    StringBuilder text = new StringBuilder();
    for (Received one : received) {
      text.append(one.path()).append(' ').append(one.headers()).append('\n');
      text.append(new String(one.body(), StandardCharsets.ISO_8859_1)).append('\n');
    }
    return text.toString();
  }

  private static ExportMetricsServiceRequest metricsOf(Received one) {
    try {
      return ExportMetricsServiceRequest.parseFrom(one.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ExportTraceServiceRequest spansOf(Received one) {
    try {
      return ExportTraceServiceRequest.parseFrom(one.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    released.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}

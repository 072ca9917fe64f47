package io.batchinfer.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An API server of Kubernetes as far as submitting to it goes: takes every object, keeps it, and
 * starts nothing. Thread-safe.
 */
public final class KubernetesApi implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<JsonNode> created = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  private KubernetesApi(HttpServer server) {
    this.server = server;
  }

  /** Listens on a free port of this machine. */
  public static KubernetesApi start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    KubernetesApi api = new KubernetesApi(server);
    server.setExecutor(api.threads);
    server.createContext("/", api::answer);
    server.start();
    return api;
  }

  /** Where it listens. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What was created so far, in that order. */
  public List<JsonNode> created() {
    return List.copyOf(created);
  }

  /** What is created comes back with a name of its own, as the real one does it. */
  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      ObjectNode object = JSON.createObjectNode();
      int status = 404;
      if (body.length > 0) {
        object = (ObjectNode) JSON.readTree(body);
        object.withObject("/metadata").put("uid", UUID.randomUUID().toString());
        created.add(object);
        status = exchange.getRequestMethod().equals("POST") ? 201 : 200;
      }
      byte[] answer = JSON.writeValueAsBytes(object);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

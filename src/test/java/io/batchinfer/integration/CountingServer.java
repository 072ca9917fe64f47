package io.batchinfer.integration;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers chats with what they ask, and counts how often each text was asked. */
final class CountingServer implements AutoCloseable {
  private final Map<String, Integer> asked = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(8);
  private final HttpServer server;

  /** What status a request is answered with. */
  @FunctionalInterface
  interface Statuses {
    /**
     * The status of the n-th request for a text.
     *
     * @param n from 1
     */
    int of(String text, int n);
  }

  /** For the tests to set; every request succeeds unless they do. */
  volatile Statuses statuses = (text, n) -> 200;

  CountingServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  private void answer(HttpExchange exchange) {
    try (exchange) {
      JsonNode request = LocalRun.JSON.readTree(exchange.getRequestBody().readAllBytes());
      String text = request.path("messages").path(0).path("content").asText();
      int status = statuses.of(text, asked.merge(text, 1, Integer::sum));
      String body =
          status == 200
              ? "{\"id\":\"x\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"to %s\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}"
                  .formatted(text)
              : "{\"error\":{\"code\":\"no\",\"message\":\"not " + text + "\"}}";
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How often each text was asked. */
  Map<String, Integer> asked() {
    return asked;
  }

  void forget() {
    asked.clear();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /**
   * A job whose rows ask these texts, named r0, r1 …
   *
   * @param beside fields of each body, each with a comma behind it
   */
  LocalRun job(Path directory, List<String> texts, String beside) throws IOException {
    return job(directory, texts, beside, "r");
  }

  LocalRun job(Path directory, List<String> texts, String beside, String ids) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int row = 0; row < texts.size(); row++) {
      lines.append(
          "{\"custom_id\":\"%s%d\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",%s\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}\n"
              .formatted(ids, row, beside, texts.get(row)));
    }
    Files.createDirectories(directory);
    return new LocalRun(
        Files.writeString(directory.resolve("in.jsonl"), lines), directory.resolve("out"), url());
  }

  /** Rows of a folder by their custom_id. */
  static Map<String, JsonNode> byId(Path folder) {
    Map<String, JsonNode> rows = new TreeMap<>();
    LocalRun.forEachRow(
        folder,
        row -> {
          if (rows.put(row.path("custom_id").asText(), row) != null) {
            throw new AssertionError("twice: " + row);
          }
        });
    return rows;
  }

  /** What a row's answer says. */
  static String said(JsonNode row) {
    return row.at("/response/body/choices/0/message/content").asText();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

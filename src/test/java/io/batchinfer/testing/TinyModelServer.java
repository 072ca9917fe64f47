package io.batchinfer.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * A model's server that starts in a moment, as an engine of tests: its first word is the port, and
 * what follows is {@code KEY=VALUE}. Dies of every request whose body has the word "poison", with
 * code 9, and of one for {@code /die}.
 *
 * <ul>
 *   <li>{@code refuse=STATUS}: answers requests with that, though it is well
 *   <li>{@code pids=FILE}: appends its process id to the file before it listens
 *   <li>{@code model=NAME}, {@code adapters=NAMES}: are printed
 *   <li>{@code echo=yes}: prints what it is asked
 *   <li>{@code answer-ms=N}: takes that long for an answer
 *   <li>{@code start-ms=N}: takes that long before it listens
 * </ul>
 */
public final class TinyModelServer {
  private static final String ANSWER =
      "{\"id\":\"x\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"yes\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7,\"total_tokens\":12}}";

  private TinyModelServer() {}

  /**
   * The words that start one.
   *
   * @param port its port, or a placeholder for it
   */
  public static List<String> command(String port, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                BuiltProduct.java().toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                classes().toString(),
                TinyModelServer.class.getName(),
                port));
    words.addAll(List.of(more));
    return words;
  }

  private static Path classes() {
    try {
      return Path.of(
          TinyModelServer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public static void main(String[] words) throws IOException {
    Optional<String> pids = value(words, "pids");
    if (pids.isPresent()) {
      Files.writeString(
          Path.of(pids.get()),
          ProcessHandle.current().pid() + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
    System.out.println(
        "started with model=%s, adapters=%s"
            .formatted(value(words, "model").orElse(""), value(words, "adapters").orElse("")));
    pause(words, "start-ms");
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(words[0])),
            256);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/health", exchange -> answer(exchange, 200));
    server.createContext("/v1/", exchange -> serve(exchange, words));
    server.createContext("/die", exchange -> Runtime.getRuntime().halt(9));
    server.start();
    System.out.println("listening with token " + System.getenv("TINY_TOKEN"));
  }

  private static void serve(HttpExchange exchange, String[] words) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1);
    if (body.contains("poison")) {
      System.out.println("out of memory");
      Runtime.getRuntime().halt(9);
    }
    if (value(words, "echo").isPresent()) {
      System.out.println("asked " + body);
    }
    pause(words, "answer-ms");
    answer(exchange, value(words, "refuse").map(Integer::parseInt).orElse(200));
  }

  private static void answer(HttpExchange exchange, int status) throws IOException {
    byte[] body = ANSWER.getBytes(StandardCharsets.US_ASCII);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static void pause(String[] words, String key) {
    long nanos = value(words, key).map(Long::parseLong).orElse(0L) * 1_000_000;
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static Optional<String> value(String[] words, String key) {
    for (String word : words) {
      if (word.startsWith(key + "=")) {
        return Optional.of(word.substring(key.length() + 1));
      }
    }
    return Optional.empty();
  }
}

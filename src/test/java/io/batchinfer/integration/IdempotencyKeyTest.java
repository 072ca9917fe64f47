package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which key a request carries to a provider that answers a repeated key without running it. */
class IdempotencyKeyTest extends SharedSpark {
  private static final Pattern ROW = Pattern.compile("req-(\\d{7})");
  private static final int ROWS = 5;
  private static final int OVERLOADED_ONCE = 1;
  private static final int REFUSED = 2;

  /** Keys by row, in the order of the requests; blank where there was none. */
  private final SortedMap<Integer, List<String>> keys = new TreeMap<>();

  @TempDir Path directory;
  private HttpServer server;
  private LocalRun job;
  private String profile;

  @BeforeEach
  void prepare() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    profile = Files.writeString(directory.resolve("p.conf"), "idempotency-key = true\n").toString();
    job =
        new LocalRun(
            Requests.chat(directory.resolve("requests.jsonl"), ROWS, 5),
            directory.resolve("out"),
            "http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
    Matcher row = ROW.matcher(body);
    int number = row.find() ? Integer.parseInt(row.group(1)) : -1;
    int times;
    synchronized (keys) {
      List<String> before = keys.computeIfAbsent(number, unused -> new ArrayList<>());
      before.add(key == null ? "" : key);
      times = before.size();
    }
    int status = number == REFUSED ? 400 : number == OVERLOADED_ONCE && times == 1 ? 503 : 200;
    byte[] reply = "{\"usage\":{\"prompt_tokens\":1}}".getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(status, reply.length);
    exchange.getResponseBody().write(reply);
    exchange.close();
  }

  private void run(String... more) {
    List<String> words = new ArrayList<>(List.of(more));
    words.addAll(List.of("--max-failure-rate", "0.5"));
    CommandLineRun run = job.with(words.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  @Test
  void everyRowHasAKeyOfItsOwnOnAllItsAttempts() {
    run("--provider", profile);

    assertThat(keys.get(OVERLOADED_ONCE)).hasSize(2);
    assertThat(new HashSet<>(keys.get(OVERLOADED_ONCE))).hasSize(1);
    assertThat(keys.values().stream().flatMap(List::stream).distinct())
        .hasSize(ROWS)
        .allMatch(key -> key.matches("[0-9a-f]{32}"));
  }

  @Test
  void whatWasRefusedIsARequestOfItsOwnWhenItIsRepeated() {
    run("--provider", profile);
    run("--provider", profile, "--retry-failed");
    run("--provider", profile, "--retry-failed");

    assertThat(keys.get(REFUSED)).hasSize(3).doesNotHaveDuplicates();
    assertThat(keys.get(0)).hasSize(1);
  }

  @Test
  void aRerunAsksForNewAnswers() {
    run("--provider", profile);
    run("--provider", profile, "--rerun");

    assertThat(keys.get(0)).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void aProviderThatDoesNotHonourThemGetsNone() {
    run();

    assertThat(keys.get(0)).containsExactly("");
  }
}

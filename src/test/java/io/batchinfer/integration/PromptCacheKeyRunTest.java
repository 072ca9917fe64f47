package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which rows a run tells a hosted endpoint to be alike. */
class PromptCacheKeyRunTest extends SharedSpark {
  private static final int ROWS = 9;

  /** Keys by what a row asks; blank where there was none. */
  private final Map<String, String> keys = Collections.synchronizedMap(new TreeMap<>());

  @TempDir Path directory;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    JsonNode body = LocalRun.JSON.readTree(exchange.getRequestBody().readAllBytes());
    keys.put(body.at("/messages/1/content").asText(), body.path("prompt_cache_key").asText());
    byte[] reply = "{\"usage\":{\"prompt_tokens\":1}}".getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(200, reply.length);
    exchange.getResponseBody().write(reply);
    exchange.close();
  }

  /** Rows of three beginnings; the last has a key of its own. */
  private void run(String profile, String... more) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      lines.add(
          """
          {"custom_id":"%d","method":"POST","url":"/v1/chat/completions","body":{"model":"m",%s\
          "messages":[{"role":"system","content":"%s"},{"role":"user","content":"q%d"}]}}"""
              .formatted(
                  row,
                  row == ROWS - 1 ? "\"prompt_cache_key\":\"mine\"," : "",
                  String.valueOf(row % 3).repeat(2_000),
                  row));
    }
    Path input = Files.write(directory.resolve("requests.jsonl"), lines);
    Path provider = Files.writeString(directory.resolve("p.conf"), profile);
    List<String> words = new ArrayList<>(List.of(more));
    words.addAll(List.of("--provider", provider.toString()));
    CommandLineRun run =
        new LocalRun(
                input,
                directory.resolve("out"),
                "http://127.0.0.1:" + server.getAddress().getPort())
            .with(words.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(keys).hasSize(ROWS);
  }

  @Test
  void rowsThatBeginAlikeHaveOneKeyAndALineKeepsItsOwn() throws IOException {
    run("takes-prompt-cache-key = true\n");

    assertThat(keys.get("q8")).isEqualTo("mine");
    for (int row = 0; row < ROWS - 1; row++) {
      assertThat(keys.get("q" + row)).startsWith("batchinfer-").isEqualTo(keys.get("q" + row % 3));
    }
    assertThat(keys.values().stream().distinct()).hasSize(4);
  }

  @Test
  void noRowHasOneWhereItIsSwitchedOff() throws IOException {
    run("takes-prompt-cache-key = true\n", "--prompt-cache-key", "off");

    assertThat(keys.get("q0")).isEmpty();
  }

  @Test
  void noRowHasOneWhereTheProviderIsNotKnownToTakeIt() throws IOException {
    run("max-tokens-field = max_tokens\n", "--order", "prefix");

    assertThat(keys.get("q0")).isEmpty();
  }

  @Test
  void anyEndpointGetsThemWhereTheyAreSwitchedOn() throws IOException {
    run("max-tokens-field = max_tokens\n", "--order", "prefix", "--prompt-cache-key", "on");

    assertThat(keys.get("q0")).startsWith("batchinfer-").isEqualTo(keys.get("q3"));
  }

  @Test
  void aHostedEndpointThatTakesNoneGetsRowsInTheOrderOfTheInput() throws IOException {
    run("max-tokens-field = max_tokens\n", "--prompt-cache-key", "on");

    assertThat(keys.get("q0")).as("nothing is known to be alike").isEmpty();
  }

  /** What is alike may change with the rows that are open, and a repeated request must not. */
  @Test
  void noRowHasOneWhereARepeatedRequestHasToBeTheSame() throws IOException {
    run("takes-prompt-cache-key = true\nidempotency-key = true\n");

    assertThat(keys.get("q0")).isEmpty();
  }
}

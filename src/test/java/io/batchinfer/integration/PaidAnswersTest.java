package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of answers that servers send and that no specification foresees, end to end. */
class PaidAnswersTest extends SharedSpark {
  private static final String OK =
      "{\"id\":\"x\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}";

  /** The body of a 200 by the model of the request. */
  private static final Map<String, String> BODIES = new LinkedHashMap<>();

  static {
    BODIES.put("ok", OK);
    BODIES.put("nan", OK.replace("\"index\":0", "\"index\":0,\"logprobs\":[NaN,-Infinity]"));
    BODIES.put("control", OK.replace("hi", "a\u0001\tb\nc"));
    BODIES.put("latin", OK.replace("hi", "caf\u00e9"));
    BODIES.put("nul", OK + "\u0000\u0000");
    BODIES.put("filtered", OK.replace("\"stop\"", "\"content_filter\""));
    BODIES.put("sse", "data: " + OK + "\n\ndata: [DONE]\n\n");
    BODIES.put("html", "<html><body>Sign in</body></html>");
    BODIES.put("behind", OK + "xyz");
    BODIES.put("deep", "[".repeat(900) + "]".repeat(900));
    BODIES.put("empty", "");
    BODIES.put("null", "null");
    BODIES.put("choiceless", OK.replaceAll("\\[.*\\]", "[]"));
    BODIES.put("failed-choice", OK.replace("\"stop\"", "\"error\",\"error\":{\"code\":502}"));
  }

  private static final List<String> REPAIRED = List.of("nan", "control", "latin", "nul");
  private static final List<String> KEPT = List.of("sse", "html", "behind", "deep", "empty");

  @TempDir Path directory;
  private final Map<String, Integer> requests = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(8);
  private HttpServer server;
  private volatile String usage = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) {
    try (exchange) {
      JsonNode request = LocalRun.JSON.readTree(exchange.getRequestBody().readAllBytes());
      String model = request.path("model").asText();
      requests.merge(model, 1, Integer::sum);
      boolean good = BODIES.containsKey(model);
      String body = good ? BODIES.get(model) : "{\"error\":{\"message\":\"status\"}}";
      if (model.equals("ok") && !usage.isEmpty()) {
        body = body.replace("\"prompt_tokens\":5", "\"prompt_tokens\":" + usage);
      }
      byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
      exchange.getResponseHeaders().set("Content-Type", "x/" + model);
      exchange.sendResponseHeaders(
          good ? 200 : Integer.parseInt(model), bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LocalRun job(Iterable<String> models) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String model : models) {
      lines.append(
          "{\"custom_id\":\"%1$s\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"%1$s\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}}\n"
              .formatted(model));
    }
    return new LocalRun(
        Files.writeString(directory.resolve("in.jsonl"), lines),
        directory.resolve("out"),
        "http://127.0.0.1:" + server.getAddress().getPort());
  }

  private static Map<String, JsonNode> byId(Path folder) {
    Map<String, JsonNode> rows = new TreeMap<>();
    LocalRun.forEachRow(folder, row -> rows.put(row.path("custom_id").asText(), row));
    return rows;
  }

  @Test
  void whatIsPaidForIsReadOrKeptAndNeverBoughtTwice() throws IOException {
    LocalRun job = job(BODIES.keySet());

    CommandLineRun run = job.with("--max-failure-rate", "1", "--json");
    CommandLineRun again = job.with("--max-failure-rate", "1", "--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(again.exitCode()).as(again.err()).isZero();
    BODIES.keySet().forEach(model -> assertThat(requests.get(model)).as(model).isEqualTo(1));
    Map<String, JsonNode> results = byId(job.results());
    assertThat(results).containsOnlyKeys("ok", "filtered", "nan", "control", "latin", "nul");
    assertThat(results.get("control").at("/response/body/choices/0/message/content").asText())
        .isEqualTo("a\u0001\tb\nc");
    assertThat(results.get("latin").at("/response/body/choices/0/message/content").asText())
        .isEqualTo("caf\uFFFD");
    Map<String, JsonNode> errors = byId(job.errors());
    for (String model : KEPT) {
      JsonNode row = errors.get(model);
      assertThat(row.at("/error/code").asText()).as("%s", row).isEqualTo("invalid_response");
      assertThat(row.at("/response/body").asText()).isEqualTo(BODIES.get(model));
      assertThat(row.at("/response/content_type").asText()).isEqualTo("x/" + model);
    }
    JsonNode summary = LocalRun.JSON.readTree(run.out());
    assertThat(summary.path("repaired_answers").asInt()).isEqualTo(REPAIRED.size());
    assertThat(summary.path("filtered_answers").asInt()).isEqualTo(1);
    assertThat(summary.path("may_have_run").asInt()).isZero();
    Map<String, Integer> codes = new TreeMap<>();
    summary
        .path("errors")
        .properties()
        .forEach(code -> codes.put(code.getKey(), code.getValue().asInt()));
    assertThat(codes)
        .isEqualTo(
            Map.of(
                "invalid_response", KEPT.size(),
                "null_answer", 1,
                "no_choices", 1,
                "error_in_choice", 1));
    assertThat(run.err()).contains("4 answers were no strict JSON and read leniently");
  }

  @Test
  void whatWasKeptIsBoughtAgainWhenItIsAskedFor() throws IOException {
    LocalRun job = job(List.of("ok", "html"));

    job.with("--max-failure-rate", "1");
    CommandLineRun again = job.with("--max-failure-rate", "1", "--retry-failed");

    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(requests).containsEntry("html", 2).containsEntry("ok", 1);
    assertThat(byId(job.errors())).containsOnlyKeys("html");
  }

  @Test
  void anAnswerThatWasWithheldAndDoesNotFitASchemaIsKeptAndNotAskedForAgain() throws IOException {
    LocalRun job = job(List.of("ok", "filtered"));

    CommandLineRun run =
        job.with(
            "--answer-schema",
            "a INT",
            "--answer-schema-mode",
            "check",
            "--repair-attempts",
            "2",
            "--max-failure-rate",
            "1");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
    assertThat(requests).containsEntry("ok", 3).containsEntry("filtered", 1);
    Map<String, JsonNode> errors = byId(job.errors());
    assertThat(errors.get("ok").at("/error/code").asText()).isEqualTo("schema_mismatch");
    JsonNode filtered = errors.get("filtered");
    assertThat(filtered.at("/error/code").asText()).isEqualTo("answer_filtered");
    assertThat(filtered.at("/response/body/choices/0/message/content").asText()).isEqualTo("hi");
    assertThat(filtered.at("/response/body/usage/completion_tokens").asInt()).isEqualTo(7);
    assertThat(job.record().path("completion_tokens").asLong()).isEqualTo(4 * 7);
  }

  @Test
  void everyStatusIsSentAsOftenAsItsRowOfTheTableSays() throws IOException {
    LocalRun job = job(List.of("ok", "408", "499", "520", "524", "598", "599", "501", "522"));

    CommandLineRun run = job.with("--max-failure-rate", "1", "--json", "--max-attempts", "3");

    assertThat(run.exitCode()).as(run.err()).isZero();
    for (String status : List.of("408", "499", "520", "524", "598", "599")) {
      assertThat(requests.get(status)).as(status).isEqualTo(2);
    }
    assertThat(requests).containsEntry("501", 1).containsEntry("522", 3);
    assertThat(LocalRun.JSON.readTree(run.out()).path("may_have_run").asInt()).isEqualTo(12);
  }

  @Test
  void aUsageThatCannotBeEndsNoRunAndIsSaid() throws IOException {
    usage = "4294967295";
    LocalRun job = job(List.of("ok", "filtered"));

    CommandLineRun run = job.with("--json", "--tokens-per-minute", "100000");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(LocalRun.JSON.readTree(run.out()).path("prompt_tokens").asLong())
        .isBetween(262_144L, 263_000L);
    assertThat(run.err()).contains("An answer states 4,294,967,295 prompt");
  }
}

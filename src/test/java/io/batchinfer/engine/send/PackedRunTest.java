package io.batchinfer.engine.send;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.OutboundRequest.Json;
import io.batchinfer.client.Reply;
import io.batchinfer.engine.send.WorkedJob.End;
import io.batchinfer.testing.InMemoryFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The same rows of embeddings alone and several in one request: the same becomes of each. */
class PackedRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 10_500;

  private final long seed = System.nanoTime();
  private final List<String> lines = new ArrayList<>();
  private final Map<String, String> bad = new TreeMap<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong tokens = new AtomicLong();

  /**
   * What became of a row: its vectors or the code of its error, and what it is said to have used.
   */
  private record Fate(String content, long tokens, boolean success) {}

  PackedRunTest() {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < ROWS; i++) {
      String name = "row-%05d".formatted(i);
      ObjectNode body = JSON.createObjectNode();
      body.put("model", List.of("small", "large", "tiny").get(random.nextInt(3)));
      String text = name + " \u00e9\"\\ " + "x".repeat(random.nextInt(200));
      int kind = random.nextInt(1000);
      if (kind < 12) {
        String code = List.of("refused_400", "refused_422", "error_inside").get(kind % 3);
        bad.put(name, code);
        text = code + " " + text;
      }
      if (kind >= 900) {
        ArrayNode numbers = body.putArray("input").add(i);
        for (int k = random.nextInt(20); k > 0; k--) {
          numbers.add(random.nextInt(100_000));
        }
      } else if (kind >= 870) {
        body.putArray("input").add(text).add("second of " + name);
      } else if (kind >= 800) {
        body.putArray("input").add(text);
      } else {
        body.put("input", text);
      }
      if (random.nextInt(4) == 0) {
        body.put("encoding_format", "base64");
      }
      ObjectNode line = JSON.createObjectNode();
      line.put("custom_id", name).put("method", "POST").put("url", "/v1/embeddings");
      line.set("body", body);
      lines.add(line.toString());
    }
  }

  /** Answers out of order, and refuses a request for any bad row in it. */
  private Reply answer(OutboundRequest request) {
    requests.incrementAndGet();
    try {
      JsonNode body = JSON.readTree(((Json) request.entity()).content());
      List<JsonNode> inputs = new ArrayList<>();
      JsonNode input = body.path("input");
      if (input.isArray() && !input.path(0).isNumber()) {
        input.forEach(inputs::add);
      } else {
        inputs.add(input);
      }
      for (JsonNode each : inputs) {
        String code = each.asText().split(" ", 2)[0];
        if (bad.containsValue(code)) {
          int status = code.startsWith("refused_") ? Integer.parseInt(code.substring(8)) : 200;
          return reply(status, "{\"error\":{\"code\":\"%s\",\"message\":\"no\"}}".formatted(code));
        }
      }
      boolean base64 = body.path("encoding_format").asText().equals("base64");
      List<ObjectNode> items = new ArrayList<>();
      long used = 0;
      for (int i = 0; i < inputs.size(); i++) {
        String of = body.path("model").asText() + inputs.get(i);
        used += inputs.get(i).toString().length();
        ObjectNode item = JSON.createObjectNode().put("object", "embedding").put("index", i);
        if (base64) {
          item.put("embedding", Integer.toHexString(of.hashCode()));
        } else {
          item.putArray("embedding").add(of.hashCode() / 7.0).add(of.length());
        }
        items.add(item);
      }
      tokens.addAndGet(used);
      Collections.shuffle(items, new Random(used));
      ObjectNode answer = JSON.createObjectNode().put("object", "list");
      answer.putArray("data").addAll(items);
      answer.put("model", body.path("model").asText());
      answer.putObject("usage").put("prompt_tokens", used).put("total_tokens", used);
      return reply(200, answer.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Reply reply(int status, String body) {
    return new Reply(status, header -> null, body.getBytes(StandardCharsets.UTF_8));
  }

  private Map<String, Fate> run(int embedBatch) throws Exception {
    requests.set(0);
    tokens.set(0);
    InMemoryFiles files = InMemoryFiles.filesystem();
    Map<String, String> options = Map.of("embed-batch", Integer.toString(embedBatch));
    try (WorkedJob job = new WorkedJob(files, lines, ROWS / 6, Duration.ofSeconds(10), options)) {
      End end =
          job.work(
                  request -> CompletableFuture.supplyAsync(() -> answer(request)),
                  UnaryOperator.identity())
              .get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
      assertThat(end.cause()).isNull();
      assertThat(job.published()).isEqualTo(ROWS);
      assertThat(job.latest().room().rows()).isZero();
      assertThat(job.latest().room().bytes()).isZero();
      return fates(files, job);
    }
  }

  @Test
  void rowsOfASplitThatRunsAloneShareNoRequest() throws Exception {
    List<String> few = lines.subList(0, 20);
    try (WorkedJob job =
        new WorkedJob(
            InMemoryFiles.filesystem(),
            few,
            few.size(),
            Duration.ofSeconds(10),
            Map.of("embed-batch", "64"))) {
      job.suspectAll();
      End end =
          job.work(
                  request -> CompletableFuture.supplyAsync(() -> answer(request)),
                  UnaryOperator.identity())
              .get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);

      assertThat(end.cause()).isNull();
      assertThat(job.published()).isEqualTo(few.size());
      assertThat(requests.get()).isEqualTo(few.size());
    }
  }

  private static Map<String, Fate> fates(InMemoryFiles files, WorkedJob job) throws Exception {
    Map<String, Fate> fates = new TreeMap<>();
    for (String path : files.paths()) {
      if (path.startsWith(job.folder.results() + "/")
          || path.startsWith(job.folder.errors() + "/")) {
        String content = new String(files.content(path), StandardCharsets.UTF_8);
        for (String line : content.lines().filter(each -> !each.isEmpty()).toList()) {
          JsonNode row = JSON.readTree(line);
          ObjectNode body = (ObjectNode) row.at("/response/body");
          long used = body.at("/usage/prompt_tokens").asLong();
          assertThat(body.at("/usage/total_tokens").asLong()).isEqualTo(used);
          body.remove("usage");
          Fate fate =
              new Fate(
                  row.at("/response/status_code") + " " + sorted(body),
                  used,
                  path.startsWith(job.folder.results() + "/"));
          assertThat(fates.put(row.path("custom_id").asText(), fate)).isNull();
        }
      }
    }
    return fates;
  }

  /** Rows of several inputs may have their items in any order. */
  private static String sorted(ObjectNode body) {
    List<String> items = new ArrayList<>();
    body.path("data").forEach(item -> items.add(item.toString()));
    Collections.sort(items);
    body.remove("data");
    return body + " " + items;
  }

  @Test
  void packedAndUnpackedRowsEndAlike() throws Exception {
    Map<String, Fate> alone = run(1);
    assertThat(requests.get()).isEqualTo(ROWS);
    Map<String, Fate> packed = run(64);

    assertThat(packed).hasSize(ROWS).containsOnlyKeys(alone.keySet());
    assertThat(requests.get()).isLessThan(ROWS / 3);
    long used = 0;
    for (Map.Entry<String, Fate> row : alone.entrySet()) {
      Fate together = Objects.requireNonNull(packed.get(row.getKey()));
      assertThat(together.content()).as(row.getKey()).isEqualTo(row.getValue().content());
      assertThat(together.success()).isEqualTo(!bad.containsKey(row.getKey()));
      used += together.tokens();
    }
    assertThat(used).isEqualTo(tokens.get());
    for (Map.Entry<String, String> row : bad.entrySet()) {
      Fate refused = Objects.requireNonNull(packed.get(row.getKey()));
      assertThat(refused.content()).contains(row.getValue());
    }
    System.out.println(requests + " requests for " + ROWS + " rows, " + bad.size() + " bad");
  }
}

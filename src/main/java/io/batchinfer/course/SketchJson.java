package io.batchinfer.course;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.course.RowSketch.Answers;
import io.batchinfer.course.RowSketch.Example;
import io.batchinfer.course.RowSketch.SlowRow;
import io.batchinfer.json.Json;
import io.batchinfer.model.LatencyHistogram;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is kept of a split's rows, as a commit mark has it. */
public final class SketchJson {
  private SketchJson() {}

  /** As one JSON object. */
  public static byte[] write(SplitSketch split) {
    try {
      return Json.MAPPER.writeValueAsBytes(node(split));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and texts is always writable", e);
    }
  }

  static ObjectNode node(SplitSketch split) {
    RowSketch rows = split.rows();
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("rows", rows.rows());
    node.put("ms", split.millis());
    put(node.putArray("latencies"), rows.latencies().counts());
    put(node.putArray("prompt_tokens"), rows.promptTokens().counts());
    put(node.putArray("completion_tokens"), rows.completionTokens().counts());
    rows.attempts().forEach(node.putArray("attempts")::add);
    ObjectNode reasons = node.putObject("finish_reasons");
    rows.finishReasons().forEach(reasons::put);
    ObjectNode examples = node.putObject("examples");
    rows.examples()
        .forEach(
            (code, some) -> {
              ArrayNode array = examples.putArray(code);
              for (Example example : some) {
                array
                    .addObject()
                    .put("custom_id", example.customId())
                    .put("message", example.message());
              }
            });
    ArrayNode slowest = node.putArray("slowest");
    for (SlowRow row : rows.slowest()) {
      slowest
          .addObject()
          .put("custom_id", row.customId())
          .put("ms", row.millis())
          .put("attempts", row.attempts());
    }
    put(node.putObject("replicas"), rows.replicas());
    put(node.putObject("processes"), rows.processes());
    ArrayNode kinds = node.putArray("kinds");
    rows.kinds().forEach((kind, counts) -> put(kinds.addObject(), kind, counts));
    return node;
  }

  private static void put(ObjectNode node, RowKind kind, KindCounts counts) {
    node.put("path", kind.path())
        .put("model", kind.model())
        .put("images", kind.images())
        .put("tools", kind.tools())
        .put("rows", counts.rows())
        .put("failed", counts.failed())
        .put("cut_off", counts.cutOff());
    counts.examples().forEach(node.putArray("failed_ids")::add);
  }

  private static SortedMap<RowKind, KindCounts> kinds(JsonNode array) {
    SortedMap<RowKind, KindCounts> kinds = new TreeMap<>();
    for (JsonNode node : array) {
      List<String> examples = new ArrayList<>();
      node.path("failed_ids").forEach(id -> examples.add(id.asText()));
      kinds.put(
          new RowKind(
              node.path("path").asText(),
              node.path("model").asText(),
              node.path("images").asBoolean(),
              node.path("tools").asBoolean()),
          new KindCounts(
              node.path("rows").asLong(),
              node.path("failed").asLong(),
              node.path("cut_off").asLong(),
              examples));
    }
    return kinds;
  }

  private static void put(ArrayNode array, long[] counts) {
    for (long count : counts) {
      array.add(count);
    }
  }

  private static void put(ObjectNode node, SortedMap<String, Answers> answers) {
    answers.forEach(
        (name, some) -> node.putObject(name).put("count", some.count()).put("ms", some.millis()));
  }

  static SplitSketch parse(byte[] json) throws IOException {
    return parse(Json.MAPPER.readTree(json));
  }

  static SplitSketch parse(JsonNode node) {
    List<Long> attempts = new ArrayList<>();
    node.path("attempts").forEach(count -> attempts.add(count.asLong()));
    SortedMap<String, Long> reasons = new TreeMap<>();
    node.path("finish_reasons")
        .properties()
        .forEach(field -> reasons.put(field.getKey(), field.getValue().asLong()));
    SortedMap<String, List<Example>> examples = new TreeMap<>();
    for (Map.Entry<String, JsonNode> code : node.path("examples").properties()) {
      List<Example> some = new ArrayList<>();
      code.getValue()
          .forEach(
              example ->
                  some.add(
                      new Example(
                          example.path("custom_id").asText(), example.path("message").asText())));
      examples.put(code.getKey(), some);
    }
    List<SlowRow> slowest = new ArrayList<>();
    node.path("slowest")
        .forEach(
            row ->
                slowest.add(
                    new SlowRow(
                        row.path("custom_id").asText(),
                        row.path("ms").asLong(),
                        row.path("attempts").asInt())));
    return new SplitSketch(
        new RowSketch(
            node.path("rows").asLong(),
            new LatencyHistogram(counts(node.path("latencies"))),
            new TokenHistogram(counts(node.path("prompt_tokens"))),
            new TokenHistogram(counts(node.path("completion_tokens"))),
            attempts,
            reasons,
            examples,
            slowest,
            answers(node.path("replicas")),
            answers(node.path("processes")),
            kinds(node.path("kinds"))),
        node.path("ms").asLong());
  }

  private static long[] counts(JsonNode array) {
    long[] counts = new long[array.size()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = array.get(i).asLong();
    }
    return counts;
  }

  private static SortedMap<String, Answers> answers(JsonNode node) {
    SortedMap<String, Answers> answers = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      answers.put(
          entry.getKey(),
          new Answers(
              entry.getValue().path("count").asLong(), entry.getValue().path("ms").asLong()));
    }
    return answers;
  }
}

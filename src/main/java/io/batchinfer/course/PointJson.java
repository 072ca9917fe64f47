package io.batchinfer.course;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.course.CoursePoint.Attempts;
import io.batchinfer.course.CoursePoint.Latencies;
import io.batchinfer.course.CoursePoint.Limits;
import io.batchinfer.course.CoursePoint.Load;
import io.batchinfer.course.CoursePoint.Moment;
import io.batchinfer.course.CoursePoint.Processors;
import io.batchinfer.course.CoursePoint.Rows;
import io.batchinfer.course.CoursePoint.Spent;
import io.batchinfer.json.Json;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A point in JSON. What is not known is left out. */
final class PointJson {
  private PointJson() {}

  static ObjectNode node(CoursePoint point) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("at", point.atMillis());
    node.put("settled", point.rows().settled());
    node.put("failed", point.rows().failed());
    ObjectNode errors = node.putObject("errors");
    point.rows().errors().forEach(errors::put);
    node.put("attempts", point.attempts().sent());
    node.put("refused", point.attempts().refused());
    node.put("lost", point.attempts().lost());
    node.put("attempts_failed", point.attempts().failed());
    node.put("in_flight", point.moment().inFlight());
    node.put("waiting", point.moment().waiting());
    node.put("workers", point.moment().workers());
    node.put("held_by", point.moment().heldBy().word());
    @Nullable Integer allowed = point.limits().concurrency();
    if (allowed != null) {
      node.put("allowed", allowed);
    }
    put(node, "requests_per_minute", point.limits().requestsPerMinute());
    put(node, "tokens_per_minute", point.limits().tokensPerMinute());
    node.put("prompt_tokens", point.spent().promptTokens());
    node.put("completion_tokens", point.spent().completionTokens());
    @Nullable Double cost = point.spent().cost();
    if (cost != null) {
      node.put("cost", cost);
    }
    @Nullable Latencies latencies = point.latencies();
    if (latencies != null) {
      put(node, "p50", latencies.p50());
      put(node, "p95", latencies.p95());
      put(node, "p99", latencies.p99());
    }
    put(node, "driver", point.load().driver());
    put(node, "executors", point.load().executors());
    node.put("journal_lag_ms", point.load().journalLagMillis());
    if (!point.held().isEmpty()) {
      ObjectNode held = node.putObject("held_ms");
      point.held().forEach((what, millis) -> held.put(what.word(), millis));
    }
    return node;
  }

  private static void put(ObjectNode node, String whose, Processors processors) {
    put(node, whose + "_cpu", processors.own());
    put(node, whose + "_wanted_cpu", processors.wanted());
    put(node, whose + "_machine_cpu", processors.machine());
  }

  private static Processors processors(JsonNode node, String whose) {
    return new Processors(
        number(node, whose + "_cpu"),
        number(node, whose + "_wanted_cpu"),
        number(node, whose + "_machine_cpu"));
  }

  /** To a thousandth, which is more than is known. */
  private static void put(ObjectNode node, String key, @Nullable Double value) {
    if (value != null) {
      node.put(key, Math.round(value * 1e3) / 1e3);
    }
  }

  static CoursePoint read(JsonNode node) {
    return new CoursePoint(
        node.path("at").asLong(),
        new Rows(
            node.path("settled").asLong(),
            node.path("failed").asLong(),
            counts(node.path("errors"))),
        new Attempts(
            node.path("attempts").asLong(),
            node.path("refused").asLong(),
            node.path("lost").asLong(),
            node.path("attempts_failed").asLong()),
        new Moment(
            node.path("in_flight").asInt(),
            node.path("waiting").asInt(),
            node.path("workers").asInt(),
            HeldBy.ofWord(node.path("held_by").asText())),
        new Limits(
            node.path("allowed").isNumber() ? node.path("allowed").asInt() : null,
            number(node, "requests_per_minute"),
            number(node, "tokens_per_minute")),
        new Spent(
            node.path("prompt_tokens").asLong(),
            node.path("completion_tokens").asLong(),
            number(node, "cost")),
        latencies(node),
        new Load(
            processors(node, "driver"),
            processors(node, "executors"),
            node.path("journal_lag_ms").asLong()),
        held(node.path("held_ms")));
  }

  private static @Nullable Latencies latencies(JsonNode node) {
    @Nullable Double p50 = number(node, "p50");
    @Nullable Double p95 = number(node, "p95");
    @Nullable Double p99 = number(node, "p99");
    return p50 == null || p95 == null || p99 == null ? null : new Latencies(p50, p95, p99);
  }

  private static SortedMap<HeldBy, Long> held(JsonNode node) {
    Map<HeldBy, Long> held = new EnumMap<>(HeldBy.class);
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      held.merge(HeldBy.ofWord(entry.getKey()), entry.getValue().asLong(), Long::sum);
    }
    return new TreeMap<>(held);
  }

  private static SortedMap<String, Long> counts(JsonNode node) {
    SortedMap<String, Long> counts = new TreeMap<>();
    node.properties().forEach(field -> counts.put(field.getKey(), field.getValue().asLong()));
    return counts;
  }

  private static @Nullable Double number(JsonNode node, String key) {
    return node.path(key).isNumber() ? node.path(key).asDouble() : null;
  }
}

package io.batchinfer.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.json.Json;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Counts;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobRecord.Costs;
import io.batchinfer.model.JobRecord.Definition;
import io.batchinfer.model.JobRecord.Generation;
import io.batchinfer.model.JobRecord.Rows;
import io.batchinfer.model.JobRecord.Standing;
import io.batchinfer.model.JobRecord.Times;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.MarkCounts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Job records as JSON. */
public final class JobJson {
  private JobJson() {}

  /** The summary keys of {@code --json}, on one line. */
  public static String summary(JobRecord job) {
    return summaryNode(job).toString();
  }

  /** The whole record, pretty-printed. */
  public static byte[] record(JobRecord job) {
    ObjectNode node = summaryNode(job);
    node.put("generation", job.generation().number());
    job.generation()
        .rerun()
        .ifPresentOrElse(id -> node.put("rerun", id), () -> node.putNull("rerun"));
    CountsJson.putUsageDetails(node, job.counts().usage());
    CountsJson.putSaved(node, job.counts().saved());
    if (!job.engines().isEmpty()) {
      ArrayNode engines = node.putArray("engines");
      job.engines().forEach(engine -> EngineJson.put(engines.addObject(), engine));
    }
    putAll(node.putObject("metadata"), job.definition().metadata());
    putAll(node.putObject("identity"), job.identity());
    putAll(node.putObject("settings"), job.definition().settings());
    return (node.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static ObjectNode summaryNode(JobRecord job) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    Counts counts = job.counts();
    node.put("job_id", job.jobId());
    node.put("status", job.status().word());
    node.put("exit_code", job.exitCode());
    node.put("message", job.message());
    node.put("resumable", job.standing().resumable());
    node.put("output", job.output());
    node.put("total_requests", job.totalRequests());
    node.put("succeeded_requests", counts.succeeded());
    node.put("failed_requests", counts.failed());
    node.put("attempts", counts.attempts());
    node.put("may_have_run", counts.mayHaveRun());
    node.put("truncated_answers", counts.marks().truncated());
    node.put("filtered_answers", counts.marks().filtered());
    node.put("repaired_answers", counts.marks().repaired());
    node.put("deduplicated_requests", counts.marks().deduplicated());
    node.put("reused_requests", counts.marks().reused());
    node.put("resumed_requests", job.resumedRequests());
    node.put("prompt_tokens", counts.usage().promptTokens());
    node.put("completion_tokens", counts.usage().completionTokens());
    job.cost().ifPresentOrElse(cost -> node.put("cost", cost), () -> node.putNull("cost"));
    node.put("currency", job.currency());
    ObjectNode saved = node.putObject("saved");
    putAmount(saved, "deduplicated", counts.saved().deduplicated());
    putAmount(saved, "reused", counts.saved().reused());
    putAmount(saved, "batch", counts.saved().batch());
    putAmount(saved, "cached", cacheDiscount(counts.usage()));
    ArrayNode unpriced = node.putArray("unpriced_models");
    job.costs().unpricedModels().forEach(unpriced::add);
    node.put("started_at", job.times().startedAt().toString());
    job.times()
        .completedAt()
        .ifPresentOrElse(
            at -> node.put("completed_at", at.toString()), () -> node.putNull("completed_at"));
    node.put("duration_seconds", rounded(job.times().durationSeconds()));
    node.put("sending_seconds", rounded(job.times().sendingSeconds()));
    node.put("requests_per_second", rounded(job.requestsPerSecond()));
    ObjectNode errors = node.putObject("errors");
    counts.errors().forEach(errors::put);
    return node;
  }

  /** Null where the price of an answer is not known. */
  private static void putAmount(ObjectNode node, String key, Cost cost) {
    if (cost.isKnown()) {
      node.put(key, cost.amount());
    } else {
      node.putNull(key);
    }
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  private static void putAll(ObjectNode node, Map<String, String> values) {
    new TreeMap<>(values).forEach(node::put);
  }

  /** Reads what {@link #record} wrote. */
  public static JobRecord parse(byte[] json) throws IOException {
    JsonNode node = Json.MAPPER.readTree(json);
    Counts counts =
        new Counts(
            new RowCounts(
                node.path("succeeded_requests").asLong(), node.path("failed_requests").asLong()),
            new Spent(
                node.path("attempts").asLong(),
                node.path("may_have_run").asLong(),
                CountsJson.usage(node),
                CountsJson.saved(node)),
            new MarkCounts(
                node.path("truncated_answers").asLong(),
                node.path("filtered_answers").asLong(),
                node.path("repaired_answers").asLong(),
                node.path("deduplicated_requests").asLong(),
                node.path("reused_requests").asLong()),
            CountsJson.errors(node.path("errors")));
    try {
      return new JobRecord(
          new Definition(
              required(node, "job_id"),
              node.path("output").asText(),
              texts(node.path("identity")),
              texts(node.path("settings")),
              texts(node.path("metadata"))),
          new Generation(node.path("generation").asInt(1), optional(node, "rerun")),
          new Standing(
              JobStatus.ofWord(required(node, "status")),
              node.path("message").asText(),
              node.path("exit_code").asInt(),
              node.path("resumable").asBoolean()),
          new Rows(
              node.path("total_requests").asLong(), node.path("resumed_requests").asLong(), counts),
          costs(node),
          new Times(
              Instant.parse(required(node, "started_at")),
              optional(node, "completed_at").map(Instant::parse),
              node.path("sending_seconds").asDouble(),
              node.path("duration_seconds").asDouble()),
          engines(node));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new IOException("not a job record: " + e.getMessage(), e);
    }
  }

  private static List<EngineFigures> engines(JsonNode node) {
    List<EngineFigures> engines = new ArrayList<>();
    node.path("engines").forEach(engine -> engines.add(EngineJson.read(engine)));
    return engines;
  }

  private static Costs costs(JsonNode node) {
    return new Costs(
        node.path("cost").isNumber() ? Optional.of(node.path("cost").asDouble()) : Optional.empty(),
        node.path("currency").asText(),
        list(node.path("unpriced_models")));
  }

  private static Optional<String> optional(JsonNode node, String key) {
    return node.path(key).isTextual() ? Optional.of(node.path(key).asText()) : Optional.empty();
  }

  static String required(JsonNode node, String key) throws IOException {
    JsonNode value = node.path(key);
    if (!value.isTextual()) {
      throw new IOException("not a job record: \"" + key + "\" is missing");
    }
    return value.asText();
  }

  private static SortedMap<String, String> texts(JsonNode node) {
    SortedMap<String, String> texts = new TreeMap<>();
    node.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
    return texts;
  }

  private static List<String> list(JsonNode node) {
    List<String> texts = new ArrayList<>();
    node.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** Of tokens whose price is not known, it is not known either. */
  private static Cost cacheDiscount(Usage usage) {
    return usage.cachedTokens() > 0 && !usage.cost().isKnown()
        ? Cost.UNKNOWN
        : Cost.of(usage.cacheDiscount());
  }
}

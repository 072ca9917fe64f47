package io.batchinfer.job;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.Reopening;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.model.Savings;
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

/** Job records and part counts as JSON. */
public final class JobJson {
  /** Where a commit marker says what the rows were like. */
  private static final String COMMIT_ROWS = "sketch";

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
    putUsageDetails(node, job.counts().usage());
    putSaved(node, job.counts().saved());
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
                usage(node),
                saved(node)),
            new MarkCounts(
                node.path("truncated_answers").asLong(),
                node.path("filtered_answers").asLong(),
                node.path("repaired_answers").asLong(),
                node.path("deduplicated_requests").asLong(),
                node.path("reused_requests").asLong()),
            counts(node.path("errors")));
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

  private static String required(JsonNode node, String key) throws IOException {
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

  private static SortedMap<String, Long> counts(JsonNode node) {
    SortedMap<String, Long> counts = new TreeMap<>();
    node.properties().forEach(field -> counts.put(field.getKey(), field.getValue().asLong()));
    return counts;
  }

  /** What a split's parts count. */
  public static byte[] partCounts(PartCounts part) {
    return bytes(partCountsNode(part));
  }

  /**
   * A commit marker.
   *
   * @param rows what the rows were like, as one JSON object
   */
  static byte[] commit(PartCounts part, byte[] rows) {
    ObjectNode node = partCountsNode(part);
    try {
      node.set(COMMIT_ROWS, Json.MAPPER.readTree(rows));
    } catch (IOException e) {
      throw new IllegalArgumentException("not an object in JSON", e);
    }
    return bytes(node);
  }

  /** What a commit marker says of the rows. */
  static Optional<byte[]> commitRows(byte[] json) throws IOException {
    JsonNode rows = Json.MAPPER.readTree(json).path(COMMIT_ROWS);
    return rows instanceof ObjectNode known ? Optional.of(bytes(known)) : Optional.empty();
  }

  private static ObjectNode partCountsNode(PartCounts part) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    putCounts(node, part.counts());
    node.put("round", part.round());
    node.put("result_bytes", part.resultBytes());
    node.put("error_bytes", part.errorBytes());
    return node;
  }

  private static void putCounts(ObjectNode node, Counts counts) {
    node.put("succeeded", counts.succeeded());
    node.put("failed", counts.failed());
    node.put("attempts", counts.attempts());
    node.put("may_have_run", counts.mayHaveRun());
    node.put("truncated", counts.marks().truncated());
    node.put("filtered", counts.marks().filtered());
    node.put("repaired", counts.marks().repaired());
    node.put("deduplicated", counts.marks().deduplicated());
    node.put("reused", counts.marks().reused());
    node.put("prompt_tokens", counts.usage().promptTokens());
    node.put("completion_tokens", counts.usage().completionTokens());
    putUsageDetails(node, counts.usage());
    putSaved(node, counts.saved());
    ObjectNode errors = node.putObject("errors");
    counts.errors().forEach(errors::put);
  }

  private static void putSaved(ObjectNode node, Savings saved) {
    node.put("saved_by_dedupe_billionths", saved.deduplicated().billionths());
    node.put("saved_by_dedupe_unpriced", saved.deduplicated().unpriced());
    node.put("saved_by_reuse_billionths", saved.reused().billionths());
    node.put("saved_by_reuse_unpriced", saved.reused().unpriced());
    node.put("saved_by_batch_billionths", saved.batch().billionths());
    node.put("saved_by_batch_unpriced", saved.batch().unpriced());
  }

  private static Savings saved(JsonNode node) {
    return new Savings(
        new Cost(
            node.path("saved_by_dedupe_billionths").asLong(),
            node.path("saved_by_dedupe_unpriced").asLong()),
        new Cost(
            node.path("saved_by_reuse_billionths").asLong(),
            node.path("saved_by_reuse_unpriced").asLong()),
        new Cost(
            node.path("saved_by_batch_billionths").asLong(),
            node.path("saved_by_batch_unpriced").asLong()));
  }

  private static void putUsageDetails(ObjectNode node, Usage usage) {
    node.put("cached_tokens", usage.cachedTokens());
    node.put("reasoning_tokens", usage.reasoningTokens());
    node.put("cost_billionths", usage.cost().billionths());
    node.put("unpriced_answers", usage.cost().unpriced());
    node.put("cache_discount_billionths", usage.cacheDiscount());
  }

  /** Of tokens whose price is not known, it is not known either. */
  private static Cost cacheDiscount(Usage usage) {
    return usage.cachedTokens() > 0 && !usage.cost().isKnown()
        ? Cost.UNKNOWN
        : Cost.of(usage.cacheDiscount());
  }

  private static Usage usage(JsonNode node) {
    Usage tokens =
        new Usage(
            node.path("prompt_tokens").asLong(),
            node.path("completion_tokens").asLong(),
            node.path("cached_tokens").asLong(),
            node.path("reasoning_tokens").asLong());
    if (!node.has("cost_billionths")) {
      // An earlier version kept no cost with the tokens.
      return tokens.total() > 0 ? tokens.at(Cost.UNKNOWN) : tokens;
    }
    return tokens
        .at(new Cost(node.path("cost_billionths").asLong(), node.path("unpriced_answers").asLong()))
        .withCacheDiscount(node.path("cache_discount_billionths").asLong());
  }

  private static byte[] bytes(ObjectNode node) {
    try {
      return Json.MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and texts is always writable", e);
    }
  }

  public static PartCounts parsePartCounts(byte[] json) throws IOException {
    JsonNode node = Json.MAPPER.readTree(json);
    return new PartCounts(
        partCounts(node),
        node.path("round").asInt(),
        node.path("result_bytes").asLong(),
        node.path("error_bytes").asLong());
  }

  private static Counts partCounts(JsonNode node) {
    return new Counts(
        new RowCounts(node.path("succeeded").asLong(), node.path("failed").asLong()),
        new Spent(
            node.path("attempts").asLong(),
            node.path("may_have_run").asLong(),
            usage(node),
            saved(node)),
        new MarkCounts(
            node.path("truncated").asLong(),
            node.path("filtered").asLong(),
            node.path("repaired").asLong(),
            node.path("deduplicated").asLong(),
            node.path("reused").asLong()),
        counts(node.path("errors")));
  }

  /** A reopened split. */
  public static byte[] reopenedSplit(ReopenedSplit split) {
    return bytes(reopenedNode(split));
  }

  private static ObjectNode reopenedNode(ReopenedSplit split) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("round", split.round());
    node.put("epoch", split.epoch());
    node.put("rows", split.again().word());
    putCounts(node.putObject("kept"), split.kept());
    return node;
  }

  public static ReopenedSplit parseReopenedSplit(byte[] json) throws IOException {
    return reopenedSplit(Json.MAPPER.readTree(json));
  }

  private static ReopenedSplit reopenedSplit(JsonNode node) {
    return new ReopenedSplit(
        node.path("round").asInt(),
        node.path("epoch").asLong(),
        RowsAgain.ofWord(node.path("rows").asText()),
        partCounts(node.path("kept")));
  }

  /** The intent of a reopening. */
  public static byte[] reopening(Reopening reopening) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("since", reopening.since().toString());
    ObjectNode splits = node.putObject("splits");
    reopening
        .splits()
        .forEach((number, split) -> splits.set(number.toString(), reopenedNode(split)));
    return bytes(node);
  }

  public static Reopening parseReopening(byte[] json) throws IOException {
    JsonNode node = Json.MAPPER.readTree(json);
    SortedMap<Integer, ReopenedSplit> splits = new TreeMap<>();
    try {
      node.path("splits")
          .properties()
          .forEach(
              split ->
                  splits.put(Integer.valueOf(split.getKey()), reopenedSplit(split.getValue())));
      return new Reopening(Instant.parse(required(node, "since")), splits);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new IOException("not a reopening: " + e.getMessage(), e);
    }
  }
}

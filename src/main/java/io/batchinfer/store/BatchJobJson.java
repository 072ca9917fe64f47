package io.batchinfer.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.json.Json;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Creation;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchJob.Files;
import io.batchinfer.model.BatchJob.Input;
import io.batchinfer.model.BatchJob.Lifetime;
import io.batchinfer.model.BatchJob.Problem;
import io.batchinfer.model.BatchJob.Progress;
import io.batchinfer.model.BatchJob.Spec;
import io.batchinfer.model.BatchJob.State;
import io.batchinfer.model.BatchJob.Target;
import io.batchinfer.model.BatchJob.Times;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Counts;
import io.batchinfer.model.MarkCounts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A job of the service as its store keeps it: keys as flat as the first version wrote them. */
final class BatchJobJson {
  private BatchJobJson() {}

  static ObjectNode write(BatchJob job) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("id", job.id());
    node.put("workspace", job.workspace());
    putSpec(node.putObject("spec"), job.spec());
    putState(node.putObject("state"), job.state());
    return node;
  }

  private static void putSpec(ObjectNode node, Spec spec) {
    Creation creation = spec.creation();
    node.put("dialect", creation.dialect().name());
    node.put("endpoint", spec.target().endpoint());
    ArrayNode files = node.putArray("inputFiles");
    spec.input().files().forEach(files::add);
    node.put("inline", spec.input().inline());
    node.put("model", spec.target().model());
    node.put("agentId", spec.target().agentId());
    node.put("deployment", spec.target().deployment());
    ObjectNode metadata = node.putObject("metadata");
    spec.metadata().forEach(metadata::put);
    node.put("timeoutHours", spec.lifetime().timeoutHours());
    node.put("outputExpiresSeconds", spec.lifetime().outputExpiresSeconds());
    node.put("createdMillis", creation.atMillis());
    node.put("createdBy", creation.by());
    node.put("requests", spec.input().requests());
    node.put("bodyHash", creation.bodyHash());
    node.put("idempotencyKey", creation.idempotencyKey());
  }

  private static void putState(ObjectNode node, State state) {
    node.put("status", state.status().name());
    node.put("startedMillis", state.times().startedMillis());
    node.put("finalizingMillis", state.times().finalizingMillis());
    node.put("cancellingMillis", state.times().cancellingMillis());
    node.put("endedMillis", state.times().endedMillis());
    node.put("total", state.total());
    putCounts(node.putObject("counts"), state.counts());
    node.put("cost", state.progress().cost());
    node.put("currency", state.progress().currency());
    node.put("model", state.model());
    node.put("outputFile", state.files().output());
    node.put("errorFile", state.files().errors());
    ArrayNode problems = node.putArray("problems");
    state.problems().forEach(problem -> put(problems.addObject(), problem));
  }

  private static void putCounts(ObjectNode node, Counts counts) {
    node.put("succeeded", counts.succeeded());
    node.put("failed", counts.failed());
    node.put("attempts", counts.attempts());
    node.put("mayHaveRun", counts.mayHaveRun());
    ObjectNode marks = node.putObject("marks");
    marks.put("truncated", counts.marks().truncated());
    marks.put("filtered", counts.marks().filtered());
    marks.put("repaired", counts.marks().repaired());
    ObjectNode usage = node.putObject("usage");
    usage.put("promptTokens", counts.usage().promptTokens());
    usage.put("completionTokens", counts.usage().completionTokens());
    usage.put("cachedTokens", counts.usage().cachedTokens());
    usage.put("reasoningTokens", counts.usage().reasoningTokens());
    ObjectNode cost = usage.putObject("cost");
    cost.put("billionths", counts.usage().cost().billionths());
    cost.put("unpriced", counts.usage().cost().unpriced());
    ObjectNode errors = node.putObject("errors");
    counts.errors().forEach(errors::put);
  }

  private static void put(ObjectNode node, Problem problem) {
    node.put("code", problem.code());
    node.put("message", problem.message());
    node.put("param", problem.param());
    node.put("line", problem.line());
    node.put("count", problem.count());
  }

  /**
   * @throws IOException where it is not a job
   */
  static BatchJob read(JsonNode node) throws IOException {
    try {
      return new BatchJob(
          text(node, "id"),
          text(node, "workspace"),
          spec(node.path("spec")),
          state(node.path("state")));
    } catch (IllegalArgumentException e) {
      throw new IOException("not a job: " + e.getMessage(), e);
    }
  }

  private static Spec spec(JsonNode node) throws IOException {
    List<String> files = new ArrayList<>();
    node.path("inputFiles").forEach(file -> files.add(file.asText()));
    Map<String, String> metadata = new TreeMap<>();
    node.path("metadata")
        .properties()
        .forEach(one -> metadata.put(one.getKey(), one.getValue().asText()));
    return new Spec(
        new Creation(
            Dialect.valueOf(text(node, "dialect")),
            node.path("createdMillis").asLong(),
            text(node, "createdBy"),
            text(node, "bodyHash"),
            textOrNull(node, "idempotencyKey")),
        new Target(
            text(node, "endpoint"),
            textOrNull(node, "model"),
            textOrNull(node, "agentId"),
            textOrNull(node, "deployment")),
        new Input(files, node.path("inline").asBoolean(), node.path("requests").asLong()),
        metadata,
        new Lifetime(
            node.path("timeoutHours").asDouble(), numberOrNull(node, "outputExpiresSeconds")));
  }

  private static State state(JsonNode node) throws IOException {
    List<Problem> problems = new ArrayList<>();
    for (JsonNode problem : node.path("problems")) {
      problems.add(problem(problem));
    }
    return new State(
        BatchStatus.valueOf(text(node, "status")),
        new Times(
            numberOrNull(node, "startedMillis"),
            numberOrNull(node, "finalizingMillis"),
            numberOrNull(node, "cancellingMillis"),
            numberOrNull(node, "endedMillis")),
        new Progress(
            node.path("total").asLong(),
            counts(node.path("counts")),
            node.path("cost").isNumber() ? Double.valueOf(node.path("cost").asDouble()) : null,
            text(node, "currency")),
        textOrNull(node, "model"),
        new Files(textOrNull(node, "outputFile"), textOrNull(node, "errorFile")),
        problems);
  }

  private static Counts counts(JsonNode node) {
    SortedMap<String, Long> errors = new TreeMap<>();
    node.path("errors")
        .properties()
        .forEach(error -> errors.put(error.getKey(), error.getValue().asLong()));
    JsonNode marks = node.path("marks");
    return new Counts(
        new RowCounts(node.path("succeeded").asLong(), node.path("failed").asLong()),
        new Spent(
            node.path("attempts").asLong(),
            node.path("mayHaveRun").asLong(),
            usage(node.path("usage"))),
        new MarkCounts(
            marks.path("truncated").asLong(),
            marks.path("filtered").asLong(),
            marks.path("repaired").asLong()),
        errors);
  }

  private static Usage usage(JsonNode node) {
    // Records that an earlier version stored have no cost.
    JsonNode cost = node.path("cost");
    return new Usage(
        node.path("promptTokens").asLong(),
        node.path("completionTokens").asLong(),
        node.path("cachedTokens").asLong(),
        node.path("reasoningTokens").asLong(),
        new Cost(cost.path("billionths").asLong(), cost.path("unpriced").asLong()),
        node.path("cacheDiscount").asLong());
  }

  private static Problem problem(JsonNode node) throws IOException {
    return new Problem(
        text(node, "code"),
        text(node, "message"),
        textOrNull(node, "param"),
        numberOrNull(node, "line"),
        node.path("count").asLong());
  }

  private static String text(JsonNode node, String key) throws IOException {
    String value = textOrNull(node, key);
    if (value == null) {
      throw new IOException("not a job: \"" + key + "\" is missing");
    }
    return value;
  }

  private static @Nullable String textOrNull(JsonNode node, String key) {
    return node.path(key).isTextual() ? node.path(key).asText() : null;
  }

  private static @Nullable Long numberOrNull(JsonNode node, String key) {
    return node.path(key).isNumber() ? Long.valueOf(node.path(key).asLong()) : null;
  }
}

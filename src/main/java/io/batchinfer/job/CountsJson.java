package io.batchinfer.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.json.Json;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Counts;
import io.batchinfer.model.MarkCounts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Savings;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import java.util.SortedMap;
import java.util.TreeMap;

/** What rows add up to as JSON, in the form that parts and job records share. */
final class CountsJson {
  private CountsJson() {}

  static void put(ObjectNode node, Counts counts) {
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

  static void putSaved(ObjectNode node, Savings saved) {
    node.put("saved_by_dedupe_billionths", saved.deduplicated().billionths());
    node.put("saved_by_dedupe_unpriced", saved.deduplicated().unpriced());
    node.put("saved_by_reuse_billionths", saved.reused().billionths());
    node.put("saved_by_reuse_unpriced", saved.reused().unpriced());
    node.put("saved_by_batch_billionths", saved.batch().billionths());
    node.put("saved_by_batch_unpriced", saved.batch().unpriced());
  }

  static Savings saved(JsonNode node) {
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

  static void putUsageDetails(ObjectNode node, Usage usage) {
    node.put("cached_tokens", usage.cachedTokens());
    node.put("reasoning_tokens", usage.reasoningTokens());
    node.put("cost_billionths", usage.cost().billionths());
    node.put("unpriced_answers", usage.cost().unpriced());
    node.put("cache_discount_billionths", usage.cacheDiscount());
  }

  static Counts read(JsonNode node) {
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
        errors(node.path("errors")));
  }

  static Usage usage(JsonNode node) {
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

  static SortedMap<String, Long> errors(JsonNode node) {
    SortedMap<String, Long> counts = new TreeMap<>();
    node.properties().forEach(field -> counts.put(field.getKey(), field.getValue().asLong()));
    return counts;
  }

  static byte[] bytes(ObjectNode node) {
    try {
      return Json.MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and texts is always writable", e);
    }
  }
}

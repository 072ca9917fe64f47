package io.batchinfer.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.json.Json;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.Reopening;
import io.batchinfer.model.RowsAgain;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reopenings as JSON. */
public final class ReopeningJson {
  private ReopeningJson() {}

  /** A reopened split. */
  public static byte[] writeSplit(ReopenedSplit split) {
    return CountsJson.bytes(node(split));
  }

  private static ObjectNode node(ReopenedSplit split) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("round", split.round());
    node.put("epoch", split.epoch());
    node.put("rows", split.again().word());
    CountsJson.put(node.putObject("kept"), split.kept());
    return node;
  }

  public static ReopenedSplit parseSplit(byte[] json) throws IOException {
    return split(Json.MAPPER.readTree(json));
  }

  private static ReopenedSplit split(JsonNode node) {
    return new ReopenedSplit(
        node.path("round").asInt(),
        node.path("epoch").asLong(),
        RowsAgain.ofWord(node.path("rows").asText()),
        CountsJson.read(node.path("kept")));
  }

  /** The intent of a reopening. */
  public static byte[] write(Reopening reopening) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("since", reopening.since().toString());
    ObjectNode splits = node.putObject("splits");
    reopening.splits().forEach((number, split) -> splits.set(number.toString(), node(split)));
    return CountsJson.bytes(node);
  }

  public static Reopening parse(byte[] json) throws IOException {
    JsonNode node = Json.MAPPER.readTree(json);
    SortedMap<Integer, ReopenedSplit> splits = new TreeMap<>();
    try {
      node.path("splits")
          .properties()
          .forEach(split -> splits.put(Integer.valueOf(split.getKey()), split(split.getValue())));
      return new Reopening(Instant.parse(JobJson.required(node, "since")), splits);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new IOException("not a reopening: " + e.getMessage(), e);
    }
  }
}

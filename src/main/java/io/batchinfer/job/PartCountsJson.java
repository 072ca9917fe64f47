package io.batchinfer.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.json.Json;
import io.batchinfer.model.PartCounts;
import java.io.IOException;
import java.util.Optional;

/** What a split's parts count as JSON, and the marker of a published split, which says it. */
public final class PartCountsJson {
  /** Where a commit marker says what the rows were like. */
  private static final String ROWS = "sketch";

  private PartCountsJson() {}

  /** What a split's parts count. */
  public static byte[] write(PartCounts part) {
    return CountsJson.bytes(node(part));
  }

  /**
   * A commit marker.
   *
   * @param rows what the rows were like, as one JSON object
   */
  static byte[] write(PartCounts part, byte[] rows) {
    ObjectNode node = node(part);
    try {
      node.set(ROWS, Json.MAPPER.readTree(rows));
    } catch (IOException e) {
      throw new IllegalArgumentException("not an object in JSON", e);
    }
    return CountsJson.bytes(node);
  }

  /** What a commit marker says of the rows. */
  static Optional<byte[]> rows(byte[] json) throws IOException {
    JsonNode rows = Json.MAPPER.readTree(json).path(ROWS);
    return rows instanceof ObjectNode known
        ? Optional.of(CountsJson.bytes(known))
        : Optional.empty();
  }

  private static ObjectNode node(PartCounts part) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    CountsJson.put(node, part.counts());
    node.put("round", part.round());
    node.put("result_bytes", part.resultBytes());
    node.put("error_bytes", part.errorBytes());
    return node;
  }

  /** Reads what {@link #write(PartCounts)} wrote. */
  public static PartCounts parse(byte[] json) throws IOException {
    JsonNode node = Json.MAPPER.readTree(json);
    return new PartCounts(
        CountsJson.read(node),
        node.path("round").asInt(),
        node.path("result_bytes").asLong(),
        node.path("error_bytes").asLong());
  }
}

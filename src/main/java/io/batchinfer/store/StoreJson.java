package io.batchinfer.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.json.AsciiJson;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the service and commands beside it tell each other through a store, as JSON. */
public final class StoreJson {
  private StoreJson() {}

  public static byte[] note(Note note) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("kind", note.kind().name());
    node.put("workspace", note.workspace());
    putAll(node.putArray("ids"), note.ids());
    node.put("request", note.request());
    return bytes(node);
  }

  /**
   * Reads what {@link #note} wrote.
   *
   * @throws IOException where it is not such a thing
   */
  public static Note parseNote(byte[] json) throws IOException {
    JsonNode node = object(json);
    String kind = text(node, "kind");
    return new Note(
        Stream.of(Note.Kind.values())
            .filter(known -> known.name().equals(kind))
            .findFirst()
            .orElseThrow(() -> new IOException("\"kind\" is not known")),
        text(node, "workspace"),
        texts(node, "ids"),
        node.path("request").textValue());
  }

  public static byte[] answer(Note.Answer answer) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("code", answer.code().orElse(null));
    node.put("message", answer.message());
    putAll(node.putArray("kept"), answer.kept());
    return bytes(node);
  }

  /**
   * Reads what {@link #answer} wrote.
   *
   * @throws IOException where it is not such a thing
   */
  public static Note.Answer parseAnswer(byte[] json) throws IOException {
    JsonNode node = object(json);
    return new Note.Answer(
        Optional.ofNullable(node.path("code").textValue()),
        text(node, "message"),
        texts(node, "kept"));
  }

  public static byte[] limits(StoreLimits limits) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("pending_requests", limits.pendingRequests());
    node.put("upload_bytes", limits.uploadBytes());
    return bytes(node);
  }

  /**
   * Reads what {@link #limits} wrote.
   *
   * @throws IOException where it is not such a thing
   */
  public static StoreLimits parseLimits(byte[] json) throws IOException {
    JsonNode node = object(json);
    return new StoreLimits(number(node, "pending_requests"), number(node, "upload_bytes"));
  }

  public static byte[] deletedJobs(DeletedJobs deleted) {
    return bytes(
        Json.MAPPER.createObjectNode().put("amount", deleted.amount()).put("last", deleted.last()));
  }

  /**
   * Reads what {@link #deletedJobs} wrote.
   *
   * @throws IOException where it is not such a thing
   */
  public static DeletedJobs parseDeletedJobs(byte[] json) throws IOException {
    JsonNode node = object(json);
    if (!node.path("amount").isNumber()) {
      throw new IOException("\"amount\" is not a number");
    }
    return new DeletedJobs(node.path("amount").doubleValue(), text(node, "last"));
  }

  /** What {@code jobs download --json} says. */
  public static byte[] downloaded(String id, String path, long bytes) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("id", id);
    node.put("path", path);
    node.put("bytes", bytes);
    return AsciiJson.bytes(node);
  }

  /** What {@code jobs report --json} says. */
  public static byte[] reported(String id, String path) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("id", id);
    node.put("path", path);
    return AsciiJson.bytes(node);
  }

  /** What {@code jobs prune --json} says. */
  public static byte[] pruned(
      boolean dryRun, List<String> jobs, List<String> files, List<String> kept, long bytes) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("dry_run", dryRun);
    putAll(node.putArray("jobs"), jobs);
    putAll(node.putArray("files"), files);
    putAll(node.putArray("kept"), kept);
    node.put("bytes", bytes);
    return AsciiJson.bytes(node);
  }

  private static JsonNode object(byte[] json) throws IOException {
    JsonNode node = Json.MAPPER.readTree(json);
    if (node == null || !node.isObject()) {
      throw new IOException("it is not a JSON object");
    }
    return node;
  }

  private static String text(JsonNode node, String key) throws IOException {
    JsonNode value = node.path(key);
    if (!value.isTextual()) {
      throw new IOException("\"" + key + "\" is missing");
    }
    return value.textValue();
  }

  private static long number(JsonNode node, String key) throws IOException {
    JsonNode value = node.path(key);
    if (!value.canConvertToLong()) {
      throw new IOException("\"" + key + "\" is missing");
    }
    return value.longValue();
  }

  private static List<String> texts(JsonNode node, String key) throws IOException {
    List<String> texts = new ArrayList<>();
    for (JsonNode value : node.path(key)) {
      if (!value.isTextual()) {
        throw new IOException("\"" + key + "\" holds something else than texts");
      }
      texts.add(value.textValue());
    }
    return texts;
  }

  private static void putAll(ArrayNode array, List<String> texts) {
    texts.forEach(array::add);
  }

  private static byte[] bytes(ObjectNode node) {
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }
}

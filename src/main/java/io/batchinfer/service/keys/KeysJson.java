package io.batchinfer.service.keys;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.json.Json;
import io.batchinfer.store.WorkspaceSaving;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The keys file: access keys and settings of workspaces. A change touches its own fields alone and
 * keeps those that this program does not know. Not thread-safe.
 */
public final class KeysJson {
  private static final ObjectReader STRICT =
      Json.MAPPER
          .reader()
          .with(
              DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY,
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
              DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}");
  private static final Pattern SALT = Pattern.compile("([0-9a-f]{2}){8,}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  private final ObjectNode root;

  private KeysJson(ObjectNode root) {
    this.root = root;
  }

  /** A file without keys and settings. */
  public static KeysJson empty() {
    KeysJson keys = new KeysJson(Json.MAPPER.createObjectNode());
    keys.root.putArray("keys");
    keys.root.putObject("workspaces");
    return keys;
  }

  /**
   * Reads a keys file.
   *
   * @throws IOException if it is none; the message says what is wrong where, as the end of a
   *     sentence, and quotes nothing of what may be secret
   */
  public static KeysJson parse(byte[] json) throws IOException {
    if (!(tree(json) instanceof ObjectNode object)) {
      throw new IOException("it is not one JSON object");
    }
    KeysJson parsed = new KeysJson(object);
    parsed.keys();
    parsed.workspaces();
    return parsed;
  }

  private static JsonNode tree(byte[] json) throws IOException {
    try {
      return STRICT.readTree(json);
    } catch (JsonProcessingException e) {
      // Its message quotes the file, so neither that nor the exception goes any further.
      JsonLocation at = e.getLocation();
      throw new IOException(
          at == null
              ? "it is not valid JSON"
              : "it is not valid JSON at line %d, column %d"
                  .formatted(at.getLineNr(), at.getColumnNr()));
    }
  }

  /** All keys in the order of the file, the revoked ones, too. */
  public List<StoredKey> keys() throws IOException {
    JsonNode array = root.path("keys");
    if (!array.isArray() && !isAbsent(array)) {
      throw new IOException("\"keys\" is not an array");
    }
    List<StoredKey> keys = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (JsonNode entry : array) {
      StoredKey key = key(entry, "keys[" + keys.size() + "]");
      if (!ids.add(key.id())) {
        throw new IOException("two keys have the id \"" + key.id() + "\"");
      }
      keys.add(key);
    }
    return keys;
  }

  private static StoredKey key(JsonNode entry, String place) throws IOException {
    if (!entry.isObject()) {
      throw new IOException(place + " is not an object");
    }
    return new StoredKey(
        text(entry, place, "id", matches(ID), "8 hexadecimal digits in lower case"),
        text(entry, place, "workspace", name -> !name.isEmpty(), "a name"),
        text(entry, place, "salt", matches(SALT), "8 or more bytes in hexadecimal"),
        text(entry, place, "hash", matches(HASH), "32 bytes in hexadecimal"),
        created(entry, place),
        // Whatever stands there was meant to revoke the key, so even a mistyped time does.
        present(entry, "revoked_at").map(JsonNode::asText));
  }

  private static Instant created(JsonNode entry, String place) throws IOException {
    String expected = "a time such as 2026-01-31T12:00:00Z";
    try {
      return Instant.parse(text(entry, place, "created_at", time -> true, expected));
    } catch (DateTimeParseException e) {
      throw new IOException(place + ".created_at is not " + expected, e);
    }
  }

  private static Predicate<String> matches(Pattern pattern) {
    return text -> pattern.matcher(text).matches();
  }

  private static String text(
      JsonNode node, String place, String field, Predicate<String> accepted, String expected)
      throws IOException {
    JsonNode value = node.path(field);
    if (!value.isTextual() || !accepted.test(value.asText())) {
      throw new IOException(place + "." + field + " is not " + expected);
    }
    return value.asText();
  }

  private static Optional<JsonNode> present(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return isAbsent(value) ? Optional.empty() : Optional.of(value);
  }

  private static boolean isAbsent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  /** The settings of all workspaces that have any, by name. */
  public SortedMap<String, WorkspaceSettings> workspaces() throws IOException {
    JsonNode object = root.path("workspaces");
    if (!object.isObject() && !isAbsent(object)) {
      throw new IOException("\"workspaces\" is not an object");
    }
    SortedMap<String, WorkspaceSettings> workspaces = new TreeMap<>();
    for (var field : object.properties()) {
      workspaces.put(
          field.getKey(), settings(field.getValue(), "workspaces.\"" + field.getKey() + "\""));
    }
    return workspaces;
  }

  private static WorkspaceSettings settings(JsonNode node, String place) throws IOException {
    if (!node.isObject()) {
      throw new IOException(place + " is not an object");
    }
    return new WorkspaceSettings(
        name(node, place, "api_key_env"),
        name(node, place, "api_key_file"),
        whole(node, place, "concurrency", Integer.MAX_VALUE).map(Math::toIntExact),
        cost(node, place),
        whole(node, place, "requests_per_minute", Long.MAX_VALUE),
        saving(node, place));
  }

  private static WorkspaceSaving saving(JsonNode node, String place) throws IOException {
    try {
      return new WorkspaceSaving(
          name(node, place, "dedupe"),
          name(node, place, "order"),
          whole(node, place, "reuse", WorkspaceSaving.MOST_REUSED).map(Math::toIntExact));
    } catch (IllegalArgumentException e) {
      throw new IOException(place + ": " + e.getMessage(), e);
    }
  }

  private static Optional<String> name(JsonNode node, String place, String field)
      throws IOException {
    return present(node, field).isEmpty()
        ? Optional.empty()
        : Optional.of(text(node, place, field, name -> !name.isBlank(), "a name"));
  }

  private static Optional<Long> whole(JsonNode node, String place, String field, long most)
      throws IOException {
    Optional<JsonNode> value = present(node, field);
    if (value.isPresent()
        && !(value.get().isIntegralNumber()
            && value.get().canConvertToLong()
            && value.get().asLong() >= 1
            && value.get().asLong() <= most)) {
      throw new IOException(place + "." + field + " is not a whole number of at least 1");
    }
    return value.map(JsonNode::asLong);
  }

  private static Optional<Double> cost(JsonNode node, String place) throws IOException {
    Optional<JsonNode> value = present(node, "max_cost");
    if (value.isPresent()
        && !(value.get().isNumber()
            && value.get().asDouble() > 0
            && Double.isFinite(value.get().asDouble()))) {
      throw new IOException(place + ".max_cost is not a number above 0");
    }
    return value.map(JsonNode::asDouble);
  }

  /** Adds a key that is not revoked. */
  public void add(StoredKey key) {
    ArrayNode array = root.path("keys") instanceof ArrayNode keys ? keys : root.putArray("keys");
    array
        .addObject()
        .put("id", key.id())
        .put("workspace", key.workspace())
        .put("salt", key.salt())
        .put("hash", key.hash())
        .put("created_at", key.createdAt().toString());
  }

  /** Revokes the key with that id, of which there must be one; one that is revoked stays so. */
  public void revoke(String id, Instant at) {
    for (JsonNode entry : root.path("keys")) {
      if (entry instanceof ObjectNode key
          && key.path("id").asText().equals(id)
          && present(key, "revoked_at").isEmpty()) {
        key.put("revoked_at", at.toString());
      }
    }
  }

  /** Sets all settings of a workspace; those that are empty are taken out. */
  public void set(String workspace, WorkspaceSettings settings) {
    ObjectNode node = objectIn(objectIn(root, "workspaces"), workspace);
    node.remove(
        List.of(
            "api_key_env",
            "api_key_file",
            "concurrency",
            "max_cost",
            "requests_per_minute",
            "dedupe",
            "order",
            "reuse"));
    settings.apiKeyEnv().ifPresent(name -> node.put("api_key_env", name));
    settings.apiKeyFile().ifPresent(file -> node.put("api_key_file", file));
    settings.concurrency().ifPresent(number -> node.put("concurrency", number));
    settings.maxCost().ifPresent(cost -> node.put("max_cost", cost));
    settings.requestsPerMinute().ifPresent(number -> node.put("requests_per_minute", number));
    settings.saving().dedupe().ifPresent(word -> node.put("dedupe", word));
    settings.saving().order().ifPresent(word -> node.put("order", word));
    settings.saving().reuse().ifPresent(jobs -> node.put("reuse", jobs));
  }

  private static ObjectNode objectIn(ObjectNode parent, String field) {
    return parent.path(field) instanceof ObjectNode present ? present : parent.putObject(field);
  }

  /** The file's content, pretty-printed. */
  public byte[] bytes() {
    return (root.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** The keys for whoever looks after them, on one line: neither hashes nor salts. */
  public static String listing(List<StoredKey> keys) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    ArrayNode array = node.putArray("keys");
    for (StoredKey key : keys) {
      array
          .addObject()
          .put("id", key.id())
          .put("workspace", key.workspace())
          .put("created_at", key.createdAt().toString())
          .put("revoked_at", key.revokedAt().orElse(null));
    }
    return node.toString();
  }
}

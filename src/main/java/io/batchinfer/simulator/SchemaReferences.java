package io.batchinfer.simulator;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** A schema's references into itself, and schemas that hold together. Not thread-safe. */
final class SchemaReferences {
  /** References in one another would else take for ever. */
  private static final int MOST_LOOKS = 10_000;

  private final JsonNode root;
  private int looks;

  SchemaReferences(JsonNode root) {
    this.root = root;
  }

  /** The schema with its references and {@code allOf} put in; of true and false an empty one. */
  JsonNode resolved(JsonNode schema, int mostReferences) {
    if (!schema.isObject()) {
      return JsonNodeFactory.instance.objectNode();
    }
    if (++looks > MOST_LOOKS) {
      return schema;
    }
    JsonNode result = schema;
    if (schema.path("$ref").isTextual() && mostReferences > 0) {
      ObjectNode beside = schema.deepCopy();
      beside.remove("$ref");
      result = joined(beside, resolved(target(schema.get("$ref").asText()), mostReferences - 1));
    }
    if (result.path("allOf").isArray() && mostReferences > 0) {
      ObjectNode joined = result.deepCopy();
      JsonNode parts = joined.remove("allOf");
      for (JsonNode part : parts) {
        joined = joined(joined, resolved(part, mostReferences - 1));
      }
      return joined;
    }
    return result;
  }

  private JsonNode target(String reference) {
    int hash = reference.indexOf('#');
    String pointer =
        URLDecoder.decode(
            reference.substring(hash + 1).replace("+", "%2B"), StandardCharsets.UTF_8);
    return hash == 0 && (pointer.isEmpty() || pointer.startsWith("/"))
        ? root.at(JsonPointer.compile(pointer))
        : JsonNodeFactory.instance.objectNode();
  }

  /** What fits both, as far as keywords do not contradict each other. */
  ObjectNode joined(ObjectNode one, JsonNode other) {
    ObjectNode joined = one.deepCopy();
    other
        .properties()
        .forEach(
            keyword -> {
              String name = keyword.getKey();
              JsonNode value = keyword.getValue();
              JsonNode before = joined.get(name);
              if (before == null) {
                joined.set(name, value);
              } else if (name.equals("properties") && before.isObject()) {
                joined.set(name, joinedProperties((ObjectNode) before, value));
              } else if (name.equals("required") && before.isArray()) {
                ((ArrayNode) before).addAll((ArrayNode) value.deepCopy());
              } else if (name.startsWith("min")) {
                joined.set(name, before.asDouble() >= value.asDouble() ? before : value);
              } else if (name.startsWith("max")) {
                joined.set(name, before.asDouble() <= value.asDouble() ? before : value);
              } else {
                joined.set(name, value);
              }
            });
    return joined;
  }

  private ObjectNode joinedProperties(ObjectNode one, JsonNode other) {
    ObjectNode joined = one.deepCopy();
    other
        .properties()
        .forEach(
            property -> {
              JsonNode before = joined.get(property.getKey());
              boolean both = before instanceof ObjectNode && property.getValue().isObject();
              joined.set(
                  property.getKey(),
                  both ? joined((ObjectNode) before, property.getValue()) : property.getValue());
            });
    return joined;
  }
}

package io.batchinfer.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;

/**
 * Whether a schema has the shape that OpenAI asks of a strict one: its root is an object and no
 * alternative, every object requires all of its properties and allows no others, and nothing is in
 * it that strict schemas may not hold. Any other is refused if it is called strict.
 *
 * @see <a href="https://platform.openai.com/docs/guides/structured-outputs#supported-schemas">the
 *     supported schemas</a>
 */
final class StrictShape {
  private static final int MOST_DEPTH = 200;

  private static final Set<String> MAPS_OF_SCHEMAS = Set.of("properties", "$defs", "definitions");
  private static final Set<String> SCHEMAS = Set.of("items", "anyOf");
  private static final Set<String> PLAIN =
      Set.of(
          "$schema",
          "$id",
          "$ref",
          "title",
          "description",
          "type",
          "enum",
          "const",
          "required",
          "additionalProperties",
          "pattern",
          "format",
          "multipleOf",
          "minimum",
          "maximum",
          "exclusiveMinimum",
          "exclusiveMaximum",
          "minItems",
          "maxItems");

  private StrictShape() {}

  static boolean has(JsonNode schema) {
    return isObject(schema) && !schema.has("anyOf") && isStrict(schema, 0);
  }

  private static boolean isStrict(JsonNode schema, int depth) {
    if (!schema.isObject() || depth > MOST_DEPTH || (isObject(schema) && !isClosed(schema))) {
      return false;
    }
    for (var field : schema.properties()) {
      boolean strict =
          PLAIN.contains(field.getKey())
              || (MAPS_OF_SCHEMAS.contains(field.getKey()) && areStrict(field.getValue(), depth))
              || (SCHEMAS.contains(field.getKey())
                  && (field.getValue().isArray()
                      ? areStrict(field.getValue(), depth)
                      : isStrict(field.getValue(), depth + 1)));
      if (!strict) {
        return false;
      }
    }
    return true;
  }

  private static boolean areStrict(JsonNode schemas, int depth) {
    for (JsonNode each : schemas) {
      if (!isStrict(each, depth + 1)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isObject(JsonNode schema) {
    JsonNode type = schema.path("type");
    if (type.isArray()) {
      for (JsonNode each : type) {
        if (each.asText().equals("object")) {
          return true;
        }
      }
    }
    return type.asText().equals("object") || schema.has("properties");
  }

  private static boolean isClosed(JsonNode schema) {
    JsonNode more = schema.path("additionalProperties");
    Set<String> required = new HashSet<>();
    schema.path("required").forEach(name -> required.add(name.asText()));
    Set<String> properties = new HashSet<>();
    schema.path("properties").fieldNames().forEachRemaining(properties::add);
    return more.isBoolean() && !more.asBoolean() && required.equals(properties);
  }
}

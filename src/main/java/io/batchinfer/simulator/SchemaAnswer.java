package io.batchinfer.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * JSON that fits a JSON Schema, a pure function of schema and seed. Knows the keywords that
 * structured outputs allow; {@code not}, {@code if} and the like are left to chance. However large
 * or endless the schema, the answer has a bounded size. Not thread-safe.
 *
 * @see <a href="https://json-schema.org/draft/2020-12/json-schema-validation">JSON Schema</a>
 */
final class SchemaAnswer {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** From here on only what is required is written. */
  private static final int SPARE_DEPTH = 4;

  private static final int MOST_DEPTH = 40;
  private static final int MANY_VALUES = 1_000;

  /** Beyond it nothing is written, be it required or not. */
  private static final int MOST_VALUES = 10_000;

  private static final int CHARACTERS_OF_A_VALUE = 100;
  private static final int MOST_REFERENCES = 16;
  private static final int USUAL_ITEMS = 2;
  private static final int TRIES_FOR_ANOTHER = 20;

  private final SchemaReferences references;
  private long state;
  private int values;

  private SchemaAnswer(JsonNode schema, long seed) {
    this.references = new SchemaReferences(schema);
    this.state = seed;
  }

  static JsonNode of(JsonNode schema, long seed) {
    return new SchemaAnswer(schema, seed).value(schema, 0);
  }

  private long next() {
    state = Mix.mix(state, 7);
    return state;
  }

  private JsonNode value(JsonNode raw, int depth) {
    values++;
    JsonNode schema = references.resolved(raw, MOST_REFERENCES);
    if (depth >= MOST_DEPTH || values > MOST_VALUES || !schema.isObject()) {
      return NODES.nullNode();
    }
    if (schema.has("const")) {
      return schema.get("const");
    }
    if (schema.path("enum").size() > 0) {
      JsonNode choices = schema.get("enum");
      return choices.get(Mix.below(next(), choices.size()));
    }
    for (String keyword : List.of("anyOf", "oneOf")) {
      if (schema.path(keyword).size() > 0) {
        return value(alternative((ObjectNode) schema, keyword, depth), depth + 1);
      }
    }
    return switch (typeOf(schema, depth)) {
      case "object" -> object(schema, depth);
      case "array" -> array(schema, depth);
      case "integer" -> SchemaScalars.number(schema, next(), true);
      case "number" -> SchemaScalars.number(schema, next(), false);
      case "boolean" -> NODES.booleanNode((next() & 1) == 0);
      case "null" -> NODES.nullNode();
      default -> text(schema);
    };
  }

  private JsonNode text(JsonNode schema) {
    String text = SchemaScalars.text(schema, next());
    values += text.length() / CHARACTERS_OF_A_VALUE;
    return NODES.textNode(text);
  }

  /** One of the alternatives, joined with what stands beside them. Deep down, a flat one. */
  private JsonNode alternative(ObjectNode schema, String keyword, int depth) {
    JsonNode alternatives = schema.get(keyword);
    int chosen = Mix.below(next(), alternatives.size());
    if (depth >= SPARE_DEPTH || values > MANY_VALUES) {
      int least = Integer.MAX_VALUE;
      for (int i = 0; i < alternatives.size(); i++) {
        int weight = weight(alternatives.get(i));
        chosen = weight < least ? i : chosen;
        least = Math.min(least, weight);
      }
    }
    ObjectNode rest = schema.deepCopy();
    rest.remove(keyword);
    return references.joined(rest, alternatives.get(chosen));
  }

  private int weight(JsonNode alternative) {
    JsonNode schema = references.resolved(alternative, MOST_REFERENCES);
    if (schema.has("const") || schema.has("enum")) {
      return 0;
    }
    return switch (schema.path("type").asText()) {
      case "null", "boolean", "integer", "number", "string" -> 1;
      case "object" -> 2 + schema.path("required").size();
      case "array" -> 2 + schema.path("minItems").asInt();
      default -> 1_000;
    };
  }

  private String typeOf(JsonNode schema, int depth) {
    JsonNode type = schema.path("type");
    if (type.isTextual()) {
      return type.asText();
    }
    if (type.size() > 0) {
      List<String> types = new ArrayList<>();
      type.forEach(each -> types.add(each.asText()));
      boolean spare = depth >= SPARE_DEPTH && types.contains("null");
      return spare ? "null" : types.get(Mix.below(next(), types.size()));
    }
    if (schema.has("properties") || schema.has("required") || schema.has("additionalProperties")) {
      return "object";
    }
    if (schema.has("items") || schema.has("prefixItems") || schema.has("minItems")) {
      return "array";
    }
    boolean number = schema.has("minimum") || schema.has("maximum") || schema.has("multipleOf");
    return number ? "number" : "string";
  }

  private JsonNode object(JsonNode schema, int depth) {
    ObjectNode object = NODES.objectNode();
    JsonNode properties = schema.path("properties");
    Set<String> required = new LinkedHashSet<>();
    schema.path("required").forEach(name -> required.add(name.asText()));
    boolean sparing = depth >= SPARE_DEPTH || values > MANY_VALUES;
    properties
        .properties()
        .forEach(
            property -> {
              if (!sparing || required.contains(property.getKey())) {
                object.set(property.getKey(), value(property.getValue(), depth + 1));
              }
            });
    JsonNode others = schema.path("additionalProperties");
    for (String name : required) {
      if (!object.has(name)) {
        object.set(name, value(others.isObject() ? others : NODES.objectNode(), depth + 1));
      }
    }
    int least = Math.min(schema.path("minProperties").asInt(), MOST_VALUES);
    int usual = properties.isEmpty() && others.isObject() && !sparing ? 1 : 0;
    boolean mayAdd = !others.isBoolean() || others.asBoolean();
    int most = schema.has("maxProperties") ? schema.get("maxProperties").asInt() : MOST_VALUES;
    int wanted = Math.min(most, Math.max(least, usual));
    for (int i = 1; mayAdd && object.size() < wanted && values <= MOST_VALUES; i++) {
      object.set("key" + i, value(others.isObject() ? others : NODES.objectNode(), depth + 1));
    }
    return object;
  }

  private JsonNode array(JsonNode schema, int depth) {
    ArrayNode array = NODES.arrayNode();
    JsonNode first = schema.path("prefixItems");
    JsonNode items = schema.path("items");
    if (items.isArray()) {
      first = items;
      items = schema.path("additionalItems");
    }
    int least = Math.min(schema.path("minItems").asInt(), MOST_VALUES);
    int most = schema.has("maxItems") ? schema.get("maxItems").asInt() : Integer.MAX_VALUE;
    boolean sparing = depth >= SPARE_DEPTH || values > MANY_VALUES;
    int usual = Math.max(first.size(), items.isBoolean() && !items.asBoolean() ? 0 : USUAL_ITEMS);
    int wanted = Math.min(most, Math.max(least, sparing ? 0 : usual));
    boolean distinct = schema.path("uniqueItems").asBoolean();
    Set<JsonNode> seen = new HashSet<>();
    for (int i = 0; i < wanted && values <= MOST_VALUES; i++) {
      JsonNode of = i < first.size() ? first.get(i) : items;
      JsonNode item = item(of, depth);
      for (int tries = 0; distinct && seen.contains(item) && tries < TRIES_FOR_ANOTHER; tries++) {
        item = item(of, depth);
      }
      if (distinct && !seen.add(item) && i >= least) {
        return array;
      }
      array.add(item);
    }
    return array;
  }

  private JsonNode item(JsonNode schema, int depth) {
    return value(schema.isObject() ? schema : NODES.objectNode(), depth + 1);
  }
}

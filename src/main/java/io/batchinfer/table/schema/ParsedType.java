package io.batchinfer.table.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.batchinfer.json.Json;
import io.batchinfer.schema.InvalidSchemaException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/**
 * The type of the column that holds answers which fit a JSON Schema. Everything in it may be null.
 * What JSON Schema can say and a column cannot be (alternatives, any value, objects without known
 * properties) is a text of JSON.
 */
public final class ParsedType {
  private static final int MOST_DEPTH = 30;
  private static final String NULL = "null";
  private static final String ANY_OF = "anyOf";
  private static final String ONE_OF = "oneOf";

  private final JsonNode root;

  private ParsedType(JsonNode root) {
    this.root = root;
  }

  /**
   * The type of answers.
   *
   * @param schema JSON Schema, an object
   * @throws InvalidSchemaException if it is not a JSON object
   */
  public static DataType of(String schema) throws InvalidSchemaException {
    try {
      JsonNode root = Json.MAPPER.readTree(schema);
      if (root.isObject()) {
        return new ParsedType(root).type(root, 0);
      }
      throw new InvalidSchemaException("is JSON but no object, which a JSON Schema is");
    } catch (JsonProcessingException e) {
      throw new InvalidSchemaException("is broken JSON: " + e.getOriginalMessage());
    }
  }

  private DataType type(JsonNode raw, int depth) {
    JsonNode schema = resolved(raw);
    if (depth > MOST_DEPTH || !schema.isObject()) {
      return DataTypes.StringType;
    }
    if (schema.has("const")) {
      return ofValues(List.of(schema.get("const")));
    }
    if (schema.path("enum").isArray()) {
      List<JsonNode> values = new ArrayList<>();
      schema.get("enum").forEach(values::add);
      return ofValues(values);
    }
    if (schema.has(ANY_OF) || schema.has(ONE_OF)) {
      return ofAlternatives(schema.has(ANY_OF) ? schema.get(ANY_OF) : schema.get(ONE_OF), depth);
    }
    if (schema.path("allOf").size() == 1 && !schema.has("type")) {
      return type(schema.get("allOf").get(0), depth + 1);
    }
    Set<String> types = types(schema);
    if (types.equals(Set.of("integer", "number"))) {
      return DataTypes.DoubleType;
    }
    if (types.size() != 1 || schema.has("allOf")) {
      return DataTypes.StringType;
    }
    return switch (types.iterator().next()) {
      case "boolean" -> DataTypes.BooleanType;
      case "integer" -> DataTypes.LongType;
      case "number" -> DataTypes.DoubleType;
      case "array" ->
          DataTypes.createArrayType(
              schema.has("prefixItems")
                  ? DataTypes.StringType
                  : type(schema.path("items"), depth + 1));
      case "object" -> ofObject(schema, depth);
      case "string" ->
          switch (schema.path("format").asText()) {
            case "date" -> DataTypes.DateType;
            case "date-time" -> DataTypes.TimestampType;
            default -> DataTypes.StringType;
          };
      default -> DataTypes.StringType;
    };
  }

  private DataType ofObject(JsonNode schema, int depth) {
    JsonNode more = schema.path("additionalProperties");
    if (!schema.path("properties").isEmpty()) {
      Set<String> names = new HashSet<>();
      List<StructField> fields = new ArrayList<>();
      for (var property : schema.get("properties").properties()) {
        // Spark tells names apart that differ in more than case.
        if (!names.add(property.getKey().toLowerCase(Locale.ROOT))) {
          return DataTypes.StringType;
        }
        fields.add(
            DataTypes.createStructField(
                property.getKey(), type(property.getValue(), depth + 1), true));
      }
      return DataTypes.createStructType(fields);
    }
    boolean isMap = more.isObject() && !schema.has("patternProperties");
    return isMap
        ? DataTypes.createMapType(DataTypes.StringType, type(more, depth + 1))
        : DataTypes.StringType;
  }

  /** One alternative and null is that one; several may have anything. */
  private DataType ofAlternatives(JsonNode alternatives, int depth) {
    List<JsonNode> others = new ArrayList<>();
    for (JsonNode each : alternatives) {
      if (!types(resolved(each)).isEmpty() || !each.path("type").asText().equals(NULL)) {
        others.add(each);
      }
    }
    return others.size() == 1 ? type(others.get(0), depth + 1) : DataTypes.StringType;
  }

  private static DataType ofValues(List<JsonNode> values) {
    List<JsonNode> present = values.stream().filter(value -> !value.isNull()).toList();
    if (present.isEmpty()) {
      return DataTypes.StringType;
    }
    if (present.stream().allMatch(JsonNode::isBoolean)) {
      return DataTypes.BooleanType;
    }
    if (present.stream().allMatch(value -> value.isIntegralNumber() && value.canConvertToLong())) {
      return DataTypes.LongType;
    }
    return present.stream().allMatch(JsonNode::isNumber)
        ? DataTypes.DoubleType
        : DataTypes.StringType;
  }

  /** Its types but null. */
  private static Set<String> types(JsonNode schema) {
    Set<String> types = new HashSet<>();
    JsonNode stated = schema.path("type");
    if (stated.isTextual()) {
      types.add(stated.asText());
    }
    stated.forEach(each -> types.add(each.asText()));
    if (stated.isMissingNode() && schema.has("properties")) {
      types.add("object");
    }
    types.remove(NULL);
    return types;
  }

  private JsonNode resolved(JsonNode schema) {
    JsonNode found = schema;
    for (int i = 0; i < MOST_DEPTH && found.path("$ref").isTextual(); i++) {
      String reference = found.get("$ref").asText();
      if (!reference.startsWith("#/") && !reference.equals("#")) {
        return MissingNode.getInstance();
      }
      found = root.at(reference.substring(1).replace("%25", "%").replace("%22", "\""));
    }
    return found;
  }
}

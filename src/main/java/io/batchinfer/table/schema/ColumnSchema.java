package io.batchinfer.table.schema;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.schema.InvalidSchemaException;
import io.batchinfer.schema.Nullability;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.CharType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.VarcharType;

/**
 * The JSON Schema of Spark's types: of a struct an object that has all of its fields and no others,
 * as strict schemas are. A field that may be null is there all the same, and null. Items of arrays
 * and values of maps are never null, whatever the type says, since DDL cannot say it.
 */
public final class ColumnSchema {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private ColumnSchema() {}

  /**
   * The schema of columns in Spark's DDL, such as {@code name STRING NOT NULL, tags ARRAY<STRING>}.
   *
   * @return JSON Schema on one line
   * @throws InvalidSchemaException if it is not DDL or has a type for which JSON has nothing
   */
  public static String ofDdl(String ddl) throws InvalidSchemaException {
    StructType type;
    try {
      type = StructType.fromDDL(ddl);
    } catch (Exception e) {
      // Spark's ParseException is checked, which Scala does not tell.
      throw new InvalidSchemaException(
          "is not JSON Schema, and Spark does not read it as columns either: "
              + String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " "));
    }
    return of(type);
  }

  /**
   * The schema of a struct.
   *
   * @return JSON Schema on one line
   * @throws InvalidSchemaException if it has a type for which JSON has nothing, or no field
   */
  public static String of(StructType type) throws InvalidSchemaException {
    if (type.fields().length == 0) {
      throw new InvalidSchemaException("has no column");
    }
    return struct(type, "").toString();
  }

  private static ObjectNode struct(StructType type, String path) throws InvalidSchemaException {
    ObjectNode properties = NODES.objectNode();
    ArrayNode required = NODES.arrayNode();
    for (StructField field : type.fields()) {
      String at = path.isEmpty() ? field.name() : path + "." + field.name();
      if (properties.has(field.name())) {
        throw new InvalidSchemaException("has two columns \"%s\"".formatted(at));
      }
      ObjectNode schema = schema(field.dataType(), at);
      if (field.getComment().isDefined()) {
        schema.put("description", field.getComment().get());
      }
      properties.set(field.name(), field.nullable() ? Nullability.nullable(schema) : schema);
      required.add(field.name());
    }
    ObjectNode object = typed("object");
    object.set("properties", properties);
    object.set("required", required);
    return object.put("additionalProperties", false);
  }

  private static ObjectNode schema(DataType type, String path) throws InvalidSchemaException {
    if (type instanceof StructType struct) {
      return struct(struct, path);
    }
    if (type instanceof ArrayType array) {
      return typed("array").set("items", schema(array.elementType(), path + "[]"));
    }
    if (type instanceof MapType map && map.keyType() instanceof StringType) {
      return typed("object").set("additionalProperties", schema(map.valueType(), path + "{}"));
    }
    if (type instanceof StringType || type instanceof CharType || type instanceof VarcharType) {
      return typed("string");
    }
    if (type instanceof BooleanType) {
      return typed("boolean");
    }
    if (type instanceof LongType
        || type instanceof IntegerType
        || type instanceof ShortType
        || type instanceof ByteType
        || (type instanceof DecimalType decimal && decimal.scale() == 0)) {
      return typed("integer");
    }
    if (type instanceof DoubleType || type instanceof FloatType || type instanceof DecimalType) {
      return typed("number");
    }
    if (type instanceof DateType) {
      return typed("string").put("format", "date");
    }
    if (type instanceof TimestampType || type instanceof TimestampNTZType) {
      return typed("string").put("format", "date-time");
    }
    throw new InvalidSchemaException(
        "has in column \"%s\" the type %s, which JSON has nothing for; use texts, numbers, booleans, dates, timestamps, arrays, structs and maps from texts"
            .formatted(path, type.simpleString()));
  }

  private static ObjectNode typed(String name) {
    return NODES.objectNode().put("type", name);
  }
}

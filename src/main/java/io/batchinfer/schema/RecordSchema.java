package io.batchinfer.schema;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The JSON Schema of a Java record: an object with a property for each component, all of them
 * required and no others allowed, as strict schemas are. What may be missing is an {@link
 * Optional}, whose value may be null. Components are texts, numbers, booleans, dates and times,
 * enums, other records, and arrays and collections of them.
 */
public final class RecordSchema {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final Set<Class<?>> WHOLE =
      Set.of(
          byte.class,
          Byte.class,
          short.class,
          Short.class,
          int.class,
          Integer.class,
          long.class,
          Long.class,
          BigInteger.class);

  private static final Set<Class<?>> FRACTIONS =
      Set.of(float.class, Float.class, double.class, Double.class, BigDecimal.class);

  private static final Set<Class<?>> TIMES =
      Set.of(Instant.class, OffsetDateTime.class, LocalDateTime.class);

  private final Deque<Class<?>> open = new ArrayDeque<>();

  private RecordSchema() {}

  /**
   * The schema of a record.
   *
   * @return JSON Schema on one line
   * @throws InvalidSchemaException if a component has a type for which no schema is known, or holds
   *     itself
   */
  public static String of(Class<? extends Record> type) throws InvalidSchemaException {
    ObjectNode schema = new RecordSchema().ofRecord(type);
    schema.put("title", type.getSimpleName());
    return schema.toString();
  }

  private ObjectNode ofRecord(Class<?> type) throws InvalidSchemaException {
    if (open.contains(type)) {
      throw new InvalidSchemaException(
          "holds the record %s within itself, which has no end".formatted(type.getName()));
    }
    open.push(type);
    ObjectNode schema = NODES.objectNode().put("type", "object");
    ObjectNode properties = NODES.objectNode();
    ArrayNode required = NODES.arrayNode();
    for (RecordComponent component : type.getRecordComponents()) {
      properties.set(component.getName(), ofType(component.getGenericType(), component));
      required.add(component.getName());
    }
    open.pop();
    schema.set("properties", properties);
    schema.set("required", required);
    return schema.put("additionalProperties", false);
  }

  private ObjectNode ofType(Type type, RecordComponent at) throws InvalidSchemaException {
    if (type instanceof Class<?> plain) {
      return ofClass(plain, at);
    }
    if (type instanceof GenericArrayType array) {
      return arrayOf(ofType(array.getGenericComponentType(), at));
    }
    if (type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
      Type argument = generic.getActualTypeArguments()[0];
      if (raw == Optional.class) {
        return Nullability.nullable(ofType(argument, at));
      }
      if (Collection.class.isAssignableFrom(raw)) {
        return arrayOf(ofType(argument, at));
      }
    }
    throw unknown(type, at);
  }

  private ObjectNode ofClass(Class<?> type, RecordComponent at) throws InvalidSchemaException {
    if (type.isRecord()) {
      return ofRecord(type);
    }
    if (type.isArray() && type != byte[].class) {
      return arrayOf(ofType(type.getComponentType(), at));
    }
    if (type.isEnum()) {
      ArrayNode names = NODES.arrayNode();
      for (Object constant : type.getEnumConstants()) {
        names.add(((Enum<?>) constant).name());
      }
      ObjectNode schema = typed("string");
      schema.set("enum", names);
      return schema;
    }
    if (type == String.class || type == CharSequence.class || type == UUID.class) {
      return typed("string");
    }
    if (type == boolean.class || type == Boolean.class) {
      return typed("boolean");
    }
    if (WHOLE.contains(type)) {
      return typed("integer");
    }
    if (FRACTIONS.contains(type)) {
      return typed("number");
    }
    if (type == LocalDate.class) {
      return typed("string").put("format", "date");
    }
    if (TIMES.contains(type)) {
      return typed("string").put("format", "date-time");
    }
    throw unknown(type, at);
  }

  private static ObjectNode typed(String name) {
    return NODES.objectNode().put("type", name);
  }

  private static ObjectNode arrayOf(ObjectNode items) {
    return typed("array").set("items", items);
  }

  private static InvalidSchemaException unknown(Type type, RecordComponent at) {
    String why =
        type instanceof ParameterizedType map && map.getRawType() == Map.class
            ? "a map, whose keys no strict schema can name; use a list of records with key and value"
            : "a type that no JSON Schema is known of; use texts, numbers, booleans, dates, enums, records and lists of them";
    return new InvalidSchemaException(
        "has in %s.%s %s (%s)"
            .formatted(
                at.getDeclaringRecord().getSimpleName(), at.getName(), type.getTypeName(), why));
  }
}

package io.batchinfer.table.answers;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Decimal;
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
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON that a model wrote as a struct of Spark, in the form that Spark stores. A value that
 * is not of its field's type is null, as is a field that is not there; other fields are passed
 * over. Not thread-safe.
 */
final class ParsedAnswer {
  private final StructType type;
  private final Map<StructType, Map<String, Integer>> places = new HashMap<>();

  ParsedAnswer(StructType type) {
    this.type = type;
  }

  /** The struct; null where the text is not one JSON object. */
  @Nullable InternalRow of(String json) {
    try (JsonParser parser = Json.FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      InternalRow row = struct(parser, type);
      return parser.nextToken() == null ? row : null;
    } catch (IOException e) {
      return null;
    }
  }

  private InternalRow struct(JsonParser parser, StructType struct) throws IOException {
    Map<String, Integer> fields = places.computeIfAbsent(struct, ParsedAnswer::placesOf);
    @Nullable Object[] values = new Object[struct.length()];
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      Integer place = fields.get(parser.currentName());
      parser.nextToken();
      if (place == null) {
        parser.skipChildren();
      } else {
        values[place] = value(parser, struct.fields()[place].dataType());
      }
    }
    return new GenericInternalRow(values);
  }

  private static Map<String, Integer> placesOf(StructType struct) {
    Map<String, Integer> places = new HashMap<>();
    for (StructField field : struct.fields()) {
      places.put(field.name(), places.size());
    }
    return places;
  }

  private @Nullable Object value(JsonParser parser, DataType wanted) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT && wanted instanceof StructType struct) {
      return struct(parser, struct);
    }
    if (token == JsonToken.START_OBJECT && wanted instanceof MapType map) {
      return map(parser, map);
    }
    if (token == JsonToken.START_ARRAY && wanted instanceof ArrayType array) {
      return array(parser, array.elementType());
    }
    if (token.isStructStart()) {
      return nested(parser, wanted);
    }
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    if (wanted instanceof StringType) {
      return UTF8String.fromString(parser.getText());
    }
    if (token.isBoolean()) {
      return wanted instanceof BooleanType ? parser.getBooleanValue() : null;
    }
    return token.isNumeric() ? number(parser, wanted) : moment(parser.getText(), wanted);
  }

  private @Nullable Object array(JsonParser parser, DataType element) throws IOException {
    List<@Nullable Object> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      values.add(value(parser, element));
    }
    return new GenericArrayData(values.toArray());
  }

  private @Nullable Object map(JsonParser parser, MapType map) throws IOException {
    Map<UTF8String, @Nullable Object> values = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      UTF8String key = UTF8String.fromString(parser.currentName());
      parser.nextToken();
      values.put(key, value(parser, map.valueType()));
    }
    return map.keyType() instanceof StringType
        ? new ArrayBasedMapData(
            new GenericArrayData(values.keySet().toArray()),
            new GenericArrayData(values.values().toArray()))
        : null;
  }

  /** An object or an array where a single value is wanted: a text of it, or nothing. */
  private static @Nullable Object nested(JsonParser parser, DataType wanted) throws IOException {
    if (!(wanted instanceof StringType)) {
      parser.skipChildren();
      return null;
    }
    StringWriter text = new StringWriter();
    try (JsonGenerator copy = Json.FACTORY.createGenerator(text)) {
      copy.copyCurrentStructure(parser);
    }
    return UTF8String.fromString(text.toString());
  }

  private static @Nullable Object number(JsonParser parser, DataType wanted) throws IOException {
    if (wanted instanceof DoubleType) {
      return parser.getDoubleValue();
    }
    if (wanted instanceof FloatType) {
      return parser.getFloatValue();
    }
    try {
      BigDecimal number = parser.getDecimalValue();
      if (wanted instanceof LongType) {
        return number.longValueExact();
      }
      if (wanted instanceof IntegerType) {
        return number.intValueExact();
      }
      if (wanted instanceof ShortType) {
        return number.shortValueExact();
      }
      if (wanted instanceof ByteType) {
        return number.byteValueExact();
      }
      if (wanted instanceof DecimalType decimal) {
        return decimal(number, decimal);
      }
      return null;
    } catch (ArithmeticException e) {
      // Not whole, or too large for the type.
      return null;
    }
  }

  private static @Nullable Decimal decimal(BigDecimal number, DecimalType type) {
    BigDecimal scaled = number.setScale(type.scale());
    return scaled.precision() > type.precision()
        ? null
        : Decimal.apply(scaled, type.precision(), type.scale());
  }

  private static @Nullable Object moment(String text, DataType wanted) {
    try {
      if (wanted instanceof DateType) {
        return Math.toIntExact(LocalDate.parse(text).toEpochDay());
      }
      if (wanted instanceof TimestampType) {
        return micros(OffsetDateTime.parse(text).toInstant());
      }
      return wanted instanceof TimestampNTZType
          ? micros(LocalDateTime.parse(text).toInstant(ZoneOffset.UTC))
          : null;
    } catch (DateTimeException | ArithmeticException e) {
      return null;
    }
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }
}

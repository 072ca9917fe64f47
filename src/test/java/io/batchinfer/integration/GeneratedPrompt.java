package io.batchinfer.integration;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A template over some columns, and whether a text is what it gives for a row: computed from the
 * values in Java, without any of the code that renders.
 */
final class GeneratedPrompt {
  private final List<Piece> pieces = new ArrayList<>();
  private final StringBuilder template = new StringBuilder();
  private final ZoneId zone;

  /**
   * A column's value.
   *
   * @param before the text in front of it
   * @param place of the column in a row
   * @param missing what stands for a null; null where a null is an error
   */
  record Piece(String before, int place, DataType type, @Nullable String missing) {}

  GeneratedPrompt(ZoneId zone) {
    this.zone = zone;
  }

  void add(String before, StructField column, int place, @Nullable String missing) {
    pieces.add(new Piece(before, place, column.dataType(), missing));
    template
        .append(before.replace("{", "{{").replace("}", "}}"))
        .append("{`")
        .append(column.name().replace("`", "``"))
        .append('`')
        .append(missing == null ? "" : "?" + missing)
        .append('}');
  }

  String template() {
    return template.toString();
  }

  List<Piece> pieces() {
    return pieces;
  }

  /** What is wrong with a text; empty where it is right. */
  String fault(String text, Row row) throws IOException {
    int at = 0;
    for (Piece piece : pieces) {
      if (!text.startsWith(piece.before, at)) {
        return "at " + at + " there should be \"" + piece.before + "\"";
      }
      at += piece.before.length();
      Object value = row.isNullAt(piece.place) ? piece.missing : row.get(piece.place);
      if (value == null) {
        return "there is a null, so no text";
      }
      if (row.isNullAt(piece.place) || !GeneratedColumn.isNested(piece.type)) {
        String expected = row.isNullAt(piece.place) ? piece.missing : plain(value, zone);
        if (!text.startsWith(String.valueOf(expected), at)) {
          return "at %d there should be \"%s\" of %s".formatted(at, expected, piece.type.sql());
        }
        at += String.valueOf(expected).length();
        continue;
      }
      try (JsonParser json = LocalRun.JSON.createParser(text.substring(at))) {
        json.nextToken();
        String fault = fault(json, value, piece.type);
        if (!fault.isEmpty()) {
          return "at %d %s: %s".formatted(at, piece.type.sql(), fault);
        }
        at += (int) json.currentLocation().getCharOffset();
      }
    }
    return at == text.length() ? "" : "it goes on after " + at;
  }

  /** What stands for a single value. */
  private static String plain(Object value, ZoneId zone) {
    if (value instanceof BigDecimal decimal) {
      return decimal.toPlainString();
    } else if (value instanceof Instant instant) {
      OffsetDateTime time = instant.atZone(zone).toOffsetDateTime();
      return local(time.toLocalDateTime()) + time.getOffset().getId();
    } else if (value instanceof LocalDateTime time) {
      return local(time);
    } else if (value instanceof LocalTime time) {
      return fraction(DateTimeFormatter.ISO_LOCAL_TIME.format(time));
    }
    return value.toString();
  }

  private static String local(LocalDateTime time) {
    return fraction(DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time));
  }

  private static String fraction(String time) {
    return time.indexOf('.') < 0 ? time : time.replaceFirst("0+$", "");
  }

  /** Reads a value; the parser stands on its first token, and then on its last. */
  private String fault(JsonParser json, @Nullable Object value, DataType type) throws IOException {
    JsonToken token = json.currentToken();
    if (value == null) {
      return token == JsonToken.VALUE_NULL ? "" : "no null but " + token;
    }
    if (type instanceof StructType struct && value instanceof Row row) {
      for (int i = 0; i < struct.length(); i++) {
        StructField field = struct.fields()[i];
        if (json.nextToken() != JsonToken.FIELD_NAME || !json.currentName().equals(field.name())) {
          return "no field " + field.name();
        }
        json.nextToken();
        String fault = fault(json, row.get(i), field.dataType());
        if (!fault.isEmpty()) {
          return field.name() + ": " + fault;
        }
      }
      return json.nextToken() == JsonToken.END_OBJECT ? "" : "more fields";
    }
    if (type instanceof ArrayType array) {
      for (Object element : elements(value)) {
        json.nextToken();
        String fault = fault(json, element, array.elementType());
        if (!fault.isEmpty()) {
          return fault;
        }
      }
      return json.nextToken() == JsonToken.END_ARRAY ? "" : "more elements";
    }
    if (type instanceof MapType map) {
      Map<?, ?> left = new HashMap<>(entries(value));
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        json.nextToken();
        if (!left.containsKey(key)) {
          return "no such key: " + key;
        }
        String fault = fault(json, left.remove(key), map.valueType());
        if (!fault.isEmpty()) {
          return key + ": " + fault;
        }
      }
      return left.isEmpty() ? "" : "keys are missing: " + left.keySet();
    }
    return isEqual(json, value, type) ? "" : "%s is not %s".formatted(json.getText(), value);
  }

  private static List<?> elements(Object value) {
    return value instanceof List<?> list
        ? list
        : scala.jdk.javaapi.CollectionConverters.asJava((scala.collection.Seq<?>) value);
  }

  private static Map<?, ?> entries(Object value) {
    return value instanceof Map<?, ?> map
        ? map
        : scala.jdk.javaapi.CollectionConverters.asJava((scala.collection.Map<?, ?>) value);
  }

  private boolean isEqual(JsonParser json, Object value, DataType type) throws IOException {
    JsonToken token = json.currentToken();
    if (type instanceof BooleanType) {
      return token == ((Boolean) value ? JsonToken.VALUE_TRUE : JsonToken.VALUE_FALSE);
    } else if (!(type instanceof NumericType)) {
      String expected = type instanceof StringType ? (String) value : plain(value, zone);
      return token == JsonToken.VALUE_STRING && json.getText().equals(expected);
    } else if (isOdd(value)) {
      return token == JsonToken.VALUE_STRING && json.getText().equals(value.toString());
    } else if (!token.isNumeric()) {
      return false;
    } else if (value instanceof Double number) {
      return number.equals(Double.valueOf(json.getText()));
    } else if (value instanceof Float number) {
      return number.equals(Float.valueOf(json.getText()));
    }
    return new BigDecimal(json.getText()).compareTo(new BigDecimal(value.toString())) == 0;
  }

  /** Whether JSON has no number for it. */
  private static boolean isOdd(Object value) {
    return value instanceof Double number
        ? !Double.isFinite(number)
        : value instanceof Float real && !Float.isFinite(real);
  }
}

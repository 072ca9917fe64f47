package io.batchinfer.table.render;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.io.Serializable;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The key of a table's row as the text that is its {@code custom_id}, and back. One string column:
 * the string itself; one column of another type: its text; several columns: a JSON array of the
 * texts, null as JSON's null. Two keys that differ never have the same text. Immutable.
 *
 * <p>Numbers are written as Java writes them, decimals without an exponent and with their scale,
 * dates, times and intervals in ISO 8601, timestamps as instants in UTC, binary in base64.
 */
public final class KeyText implements Serializable {
  private static final long serialVersionUID = 1L;

  private final List<KeyCodec> codecs;
  private final List<String> types;

  private KeyText(List<KeyCodec> codecs, List<String> types) {
    this.codecs = List.copyOf(codecs);
    this.types = List.copyOf(types);
  }

  /**
   * The texts of keys with these columns, at least one.
   *
   * @throws BatchException {@link ErrorCode#USAGE} if a type has no text of its own, such as a
   *     struct
   */
  public static KeyText of(StructType keys) {
    if (keys.fields().length == 0) {
      throw new IllegalArgumentException("a key has columns");
    }
    List<KeyCodec> codecs = new ArrayList<>();
    List<String> types = new ArrayList<>();
    for (StructField field : keys.fields()) {
      codecs.add(
          KeyCodec.of(field.dataType())
              .orElseThrow(
                  () ->
                      new BatchException(
                          ErrorCode.USAGE,
                          "The column \"%s\" of the type %s cannot be a key: a key is a text, a number, a date or another single value. Name such columns with --key, or leave it out, and each row is named by its request."
                              .formatted(field.name(), field.dataType().sql()))));
      types.add(field.dataType().sql());
    }
    return new KeyText(codecs, types);
  }

  /**
   * The text of a key.
   *
   * @param values one for each column: Spark's external values, of either of Java's APIs for dates,
   *     or what Spark stores, which is days for a date and microseconds for a timestamp; null in a
   *     key of several columns
   * @return null if the key is one column that is null
   */
  public @Nullable String encode(@Nullable Object... values) {
    if (values.length != codecs.size()) {
      throw new IllegalArgumentException(values.length + " values of " + codecs.size());
    }
    if (values.length == 1) {
      Object value = values[0];
      return value == null ? null : codecs.get(0).write(value);
    }
    StringWriter text = new StringWriter();
    try (JsonGenerator json = Json.FACTORY.createGenerator(text)) {
      json.writeStartArray();
      for (int i = 0; i < values.length; i++) {
        Object value = values[i];
        if (value == null) {
          json.writeNull();
        } else {
          json.writeString(codecs.get(i).write(value));
        }
      }
      json.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return text.toString();
  }

  /**
   * The values of a key, one for each column, as Spark's external values: of dates and timestamps
   * those of {@code java.time}, which Spark takes whatever its session prefers.
   *
   * @throws BatchException {@link ErrorCode#INVALID_INPUT} if no key of these columns has that text
   */
  public @Nullable Object[] decode(String text) {
    if (codecs.size() == 1) {
      return new Object[] {value(0, text, text)};
    }
    @Nullable Object[] values = new Object[codecs.size()];
    try (JsonParser json = Json.FACTORY.createParser(text)) {
      boolean fits = json.nextToken() == JsonToken.START_ARRAY;
      for (int i = 0; fits && i < values.length; i++) {
        JsonToken token = json.nextToken();
        if (token == JsonToken.VALUE_STRING) {
          values[i] = value(i, json.getText(), text);
        } else {
          fits = token == JsonToken.VALUE_NULL;
        }
      }
      if (fits && json.nextToken() == JsonToken.END_ARRAY && json.nextToken() == null) {
        return values;
      }
    } catch (IOException e) {
      throw notOurs(text, e);
    }
    throw notOurs(text, null);
  }

  private Object value(int column, String text, String whole) {
    try {
      return codecs.get(column).read(text);
    } catch (RuntimeException e) {
      throw notOurs(whole, e);
    }
  }

  private BatchException notOurs(String text, @Nullable Throwable cause) {
    String shown = text.length() <= 100 ? text : text.substring(0, 100) + "…";
    return new BatchException(
        ErrorCode.INVALID_INPUT,
        "The custom_id \"%s\" is not a key of the type %s, so this output does not belong to the table that it says."
            .formatted(shown, String.join(", ", types)),
        cause);
  }
}

package io.batchinfer.table.render;

import com.fasterxml.jackson.core.JsonGenerator;
import io.batchinfer.json.Json;
import io.batchinfer.table.render.JsonText.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/**
 * Writes the body of a row's request. Immutable.
 *
 * @param base place of the members that {@code --body} gives, or {@link #NONE}
 * @param field of the question; null where the base is the whole body
 * @param question null where the base is the whole body
 * @param systemField field of the system's text; null where it has none of its own
 * @param system null where there is none, or where it stands among the messages
 */
record RowBody(
    int base,
    @Nullable String field,
    @Nullable RowQuestion question,
    @Nullable String systemField,
    @Nullable RowText system)
    implements Serializable {
  static final int NONE = -1;

  private static final String FLAG = "--body";
  private static final JsonObject NOTHING = new JsonObject(new byte[0], List.of());

  /** JSON in UTF-8 without a line break. */
  byte[] of(InternalRow row) throws Unsendable {
    JsonObject given = base == NONE ? NOTHING : JsonText.object(row, base, FLAG);
    if (question == null || field == null) {
      return given.bytes();
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream(512 + given.bytes().length);
    try (JsonGenerator json = Json.FACTORY.createGenerator(body)) {
      json.writeStartObject();
      copy(given, json, body);
      if (system != null && systemField != null) {
        json.writeFieldName(systemField);
        system.write(row, json);
      }
      json.writeFieldName(field);
      question.write(row, json, body);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return body.toByteArray();
  }

  private void copy(JsonObject given, JsonGenerator json, ByteArrayOutputStream body)
      throws IOException, Unsendable {
    for (JsonText.Member member : given.members()) {
      if (member.name().equals(field) || (system != null && member.name().equals(systemField))) {
        throw Unsendable.invalid(
            "The object that %s gives has \"%s\" already, which other options say as well. Leave it out of one of them."
                .formatted(FLAG, member.name()));
      }
      json.writeFieldName(member.name());
      raw(given.bytes(), member.start(), member.end(), json, body);
    }
  }

  /** Writes a value as it is spelled. */
  static void raw(byte[] json, int from, int to, JsonGenerator generator, ByteArrayOutputStream out)
      throws IOException {
    generator.writeRawValue("");
    generator.flush();
    out.write(json, from, to - from);
  }
}

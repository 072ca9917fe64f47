package io.batchinfer.table.render;

import com.fasterxml.jackson.core.JsonGenerator;
import io.batchinfer.model.endpoint.RequestContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/** What is asked of a row: the value of the request's one field that holds it. Immutable. */
sealed interface RowQuestion extends Serializable {

  /** Writes the value; the generator and {@code out} are of the same body. */
  void write(InternalRow row, JsonGenerator json, ByteArrayOutputStream out)
      throws IOException, Unsendable;

  /** A text by itself. */
  record Text(RowText prompt) implements RowQuestion {
    @Override
    public void write(InternalRow row, JsonGenerator json, ByteArrayOutputStream out)
        throws IOException, Unsendable {
      prompt.write(row, json);
    }
  }

  /**
   * Messages of the system and the user.
   *
   * @param system null where there is none, or where it stands in a field of its own
   */
  record Messages(@Nullable RowText system, RowText prompt, RowImages images)
      implements RowQuestion {
    @Override
    public void write(InternalRow row, JsonGenerator json, ByteArrayOutputStream out)
        throws IOException, Unsendable {
      json.writeStartArray();
      if (system != null) {
        begin("system", json);
        system.write(row, json);
        json.writeEndObject();
      }
      begin("user", json);
      if (images.areNone()) {
        prompt.write(row, json);
      } else {
        json.writeStartArray();
        json.writeStartObject();
        json.writeStringField(
            "type", images.form() == RequestContent.ImageParts.INPUT_IMAGE ? "input_text" : "text");
        json.writeFieldName("text");
        prompt.write(row, json);
        json.writeEndObject();
        images.write(row, json);
        json.writeEndArray();
      }
      json.writeEndObject();
      json.writeEndArray();
    }

    private static void begin(String role, JsonGenerator json) throws IOException {
      json.writeStartObject();
      json.writeStringField("role", role);
      json.writeFieldName("content");
    }
  }

  /** The text of an expression. */
  record PlainInput(int place, String flag) implements RowQuestion {
    @Override
    public void write(InternalRow row, JsonGenerator json, ByteArrayOutputStream out)
        throws IOException, Unsendable {
      byte[] text = JsonText.bytes(row, place, flag);
      json.writeUTF8String(text, 0, text.length);
    }
  }

  /**
   * The JSON of an expression.
   *
   * @param told whether it was told as text, so that it may be anything
   */
  record JsonValue(int place, String flag, boolean told) implements RowQuestion {
    @Override
    public void write(InternalRow row, JsonGenerator json, ByteArrayOutputStream out)
        throws IOException, Unsendable {
      byte[] value = told ? JsonText.array(row, place, flag) : JsonText.bytes(row, place, flag);
      RowBody.raw(value, 0, value.length, json, out);
    }
  }

  /** The question of a prompt. */
  static RowQuestion ofPrompt(
      RequestContent content, RowText prompt, @Nullable RowText system, RowImages images) {
    if (!content.messages() && images.areNone()) {
      return new Text(prompt);
    }
    return new Messages(content.systemField() == null ? system : null, prompt, images);
  }
}

package io.batchinfer.row;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields of a transcription's JSON body as a form carries them: scalars as text, arrays as
 * repeated fields, objects as JSON. Nulls are left out.
 */
public final class TranscriptionFields {
  private TranscriptionFields() {}

  /** One field of the form. */
  public record Field(String name, String value) {}

  /** Fields in the order of the body, which is a valid JSON object. */
  public static List<Field> of(byte[] body) {
    try {
      List<Field> fields = new ArrayList<>();
      Json.MAPPER
          .readTree(body)
          .properties()
          .forEach(entry -> add(entry.getKey(), entry.getValue(), fields));
      return fields;
    } catch (IOException e) {
      throw new IllegalArgumentException("the body of a request line is JSON", e);
    }
  }

  private static void add(String name, JsonNode value, List<Field> fields) {
    if (value.isArray()) {
      value.forEach(element -> add(name, element, fields));
    } else if (value.isContainerNode()) {
      fields.add(new Field(name, value.toString()));
    } else if (!value.isNull()) {
      fields.add(new Field(name, value.asText()));
    }
  }
}

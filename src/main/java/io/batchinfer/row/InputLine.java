package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a request line holds what its result is joined with.
 *
 * @param customId its {@code custom_id}, or null where it has none
 * @param bodyStart first byte of the body, counted from the line's first byte
 * @param bodyLength bytes of the body, 0 where the line has none
 */
public record InputLine(@Nullable String customId, int bodyStart, int bodyLength) {

  /**
   * Reads the line in {@code bytes[offset, offset + length)}; empty where it is not a JSON object.
   */
  public static Optional<InputLine> read(byte[] bytes, int offset, int length) {
    String customId = null;
    int bodyStart = 0;
    int bodyEnd = 0;
    try (JsonParser parser = Json.parser(bytes, offset, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("custom_id") && value == JsonToken.VALUE_STRING) {
          customId = parser.getText();
        } else if (name.equals("body") && value == JsonToken.START_OBJECT) {
          bodyStart = (int) parser.currentTokenLocation().getByteOffset();
          parser.skipChildren();
          bodyEnd = (int) parser.currentLocation().getByteOffset();
        } else {
          parser.skipChildren();
        }
      }
      return parser.nextToken() == null
          ? Optional.of(new InputLine(customId, bodyStart, bodyEnd - bodyStart))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}

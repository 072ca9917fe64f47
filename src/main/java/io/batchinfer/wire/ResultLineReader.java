package io.batchinfer.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads the head of a line that {@link ResultLineWriter} wrote. Thread-safe. */
public final class ResultLineReader {
  /** {@code id} and {@code custom_id} of a result line. */
  public record Head(String id, @Nullable String customId) {}

  /**
   * The head of the line in {@code bytes[offset, offset + length)}, or null for a foreign or cut
   * line.
   */
  public @Nullable Head head(byte[] bytes, int offset, int length) {
    if (!isWhole(bytes, offset, length)) {
      return null;
    }
    try (JsonParser parser = Json.FACTORY.createParser(bytes, offset, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT
          || !"id".equals(parser.nextFieldName())
          || parser.nextToken() != JsonToken.VALUE_STRING) {
        return null;
      }
      String id = parser.getText();
      if (!"custom_id".equals(parser.nextFieldName())) {
        return null;
      }
      JsonToken customId = parser.nextToken();
      if (customId == JsonToken.VALUE_NULL) {
        return new Head(id, null);
      }
      return customId == JsonToken.VALUE_STRING ? new Head(id, parser.getText()) : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** Whether the first bracket closes with the last byte: a line cut anywhere leaves one open. */
  private static boolean isWhole(byte[] bytes, int offset, int length) {
    int open = 0;
    boolean inString = false;
    int end = offset + length;
    for (int i = offset; i < end; i++) {
      byte b = bytes[i];
      if (inString) {
        if (b == '\\') {
          i++;
        } else if (b == '"') {
          inString = false;
        }
      } else if (b == '"') {
        inString = true;
      } else if (b == '{' || b == '[') {
        open++;
      } else if (b == '}' || b == ']') {
        open--;
        if (open == 0) {
          return i == end - 1;
        }
      }
    }
    return false;
  }
}

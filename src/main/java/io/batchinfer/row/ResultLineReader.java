package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.util.Optional;
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

  /**
   * The error code of a row without an answer; empty for a row that has one. The line must be one
   * that {@link #head} accepts.
   */
  public Optional<String> unansweredCode(byte[] bytes, int offset, int length) {
    try (JsonParser parser = Json.FACTORY.createParser(bytes, offset, length)) {
      parser.nextToken();
      for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
        JsonToken value = parser.nextToken();
        if (key.equals("response") && value != JsonToken.VALUE_NULL) {
          return Optional.empty();
        }
        if (key.equals("error") && value == JsonToken.START_OBJECT) {
          return "code".equals(parser.nextFieldName()) ? text(parser) : Optional.empty();
        }
        parser.skipChildren();
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> text(JsonParser parser) throws IOException {
    return parser.nextToken() == JsonToken.VALUE_STRING
        ? Optional.of(parser.getText())
        : Optional.empty();
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

package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the text out of a {@code content}: a text, or parts of which some are text. What a model
 * only thought, and what tools say, does not count as text. Remembers whether one of the parts was
 * a refusal. Not thread-safe.
 */
final class AnswerContent {
  static final String REFUSAL = "refusal";

  private boolean refused;

  @FunctionalInterface
  interface ObjectReader {
    /** Reads the object whose first token the parser stands on, to its end. */
    void read(JsonParser parser) throws IOException;
  }

  void clear() {
    refused = false;
  }

  /** Whether something read since {@link #clear} was what the model refuses to say. */
  boolean isRefused() {
    return refused;
  }

  /** The text of a content; null where there is none. */
  @Nullable String read(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      return textOf(parser);
    }
    JoinedText joined = new JoinedText();
    readEach(parser, part -> joined.add(readPart(part), ""));
    return joined.get();
  }

  /** The content of a {@code message}; null where there is none. */
  @Nullable String readMessage(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return null;
    }
    String text = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "content" -> text = read(parser);
        case REFUSAL -> refused |= textOf(parser) != null;
        default -> parser.skipChildren();
      }
    }
    return text;
  }

  /**
   * The content of an item of {@code output}: of a message, not of a call of a tool or of what the
   * model thought.
   */
  @Nullable String readItem(JsonParser parser) throws IOException {
    String type = null;
    String content = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "type" -> type = textOf(parser);
        case "content" -> content = read(parser);
        default -> parser.skipChildren();
      }
    }
    return type == null || type.startsWith("message") ? content : null;
  }

  private @Nullable String readPart(JsonParser parser) throws IOException {
    String type = null;
    String words = null;
    boolean refusal = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "type" -> type = textOf(parser);
        case "text" -> words = textOf(parser);
        case REFUSAL -> refusal = textOf(parser) != null;
        default -> parser.skipChildren();
      }
    }
    refused |= refusal;
    return type == null || type.equals("text") || type.equals("output_text") ? words : null;
  }

  /** Reads the objects of an array, and passes over whatever else there is. */
  static void readEach(JsonParser parser, ObjectReader reader) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        reader.read(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  /** The text that the parser stands on; null for any other value, which is passed over. */
  static @Nullable String textOf(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return parser.getText();
    }
    parser.skipChildren();
    return null;
  }
}

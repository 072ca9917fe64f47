package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.AsciiJson;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The texts that a model wrote in an answer, one for each choice: {@code message.content} or {@code
 * text} of the choices of a completion, the texts of the messages in {@code output} or {@code
 * outputs} of a response or conversation, {@code content} of Anthropic's messages, {@code text} of
 * a transcription. What it only thought, and what tools say, is no text. Thread-safe.
 */
public final class AnswerTexts {
  /** Parts of a content that are text to read. */
  private static final Set<String> TEXT_PARTS = Set.of("text", "output_text");

  private AnswerTexts() {}

  /**
   * Reads the texts.
   *
   * @param body a whole answer, as it came or as it is kept
   * @return a text for each choice, empty where it has none; an empty list where the answer has no
   *     place for text
   */
  public static List<String> read(byte[] body) {
    List<String> texts = new ArrayList<>();
    int start = AsciiJson.hasByteOrderMark(body) ? 3 : 0;
    try (JsonParser parser = Json.parser(body, start, body.length - start)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return List.of();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (name) {
          case "choices" -> readChoices(parser, texts);
          case "output", "outputs" -> readItems(parser).ifPresent(texts::add);
          case "content" -> readContent(parser).ifPresent(texts::add);
          case "text" -> {
            if (value == JsonToken.VALUE_STRING) {
              texts.add(parser.getText());
            } else {
              parser.skipChildren();
            }
          }
          default -> parser.skipChildren();
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("not one JSON value", e);
    }
    return texts;
  }

  private static void readChoices(JsonParser parser, List<String> texts) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        parser.skipChildren();
        continue;
      }
      Optional<String> text = Optional.empty();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("text") && value == JsonToken.VALUE_STRING) {
          text = Optional.of(parser.getText());
        } else if (name.equals("message") && value == JsonToken.START_OBJECT) {
          text = readMessage(parser).or(() -> Optional.of(""));
        } else {
          parser.skipChildren();
        }
      }
      texts.add(text.orElse(""));
    }
  }

  private static Optional<String> readMessage(JsonParser parser) throws IOException {
    Optional<String> text = Optional.empty();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals("content")) {
        text = readContent(parser);
      } else {
        parser.skipChildren();
      }
    }
    return text;
  }

  /** The items of a response, of which messages have a content. */
  private static Optional<String> readItems(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return Optional.empty();
    }
    StringBuilder all = new StringBuilder();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        readItem(parser).ifPresent(all::append);
      } else {
        parser.skipChildren();
      }
    }
    return Optional.of(all.toString());
  }

  private static Optional<String> readItem(JsonParser parser) throws IOException {
    Optional<String> text = Optional.empty();
    boolean message = true;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("content")) {
        text = readContent(parser);
      } else if (name.equals("type") && value == JsonToken.VALUE_STRING) {
        message = parser.getText().startsWith("message");
      } else {
        parser.skipChildren();
      }
    }
    return message ? text : Optional.empty();
  }

  /** A text, or parts of which some are texts. */
  private static Optional<String> readContent(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return Optional.of(parser.getText());
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return Optional.empty();
    }
    StringBuilder all = new StringBuilder();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        readPart(parser).ifPresent(all::append);
      } else {
        parser.skipChildren();
      }
    }
    return Optional.of(all.toString());
  }

  private static Optional<String> readPart(JsonParser parser) throws IOException {
    String type = "text";
    Optional<String> text = Optional.empty();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.VALUE_STRING && name.equals("type")) {
        type = parser.getText();
      } else if (value == JsonToken.VALUE_STRING && name.equals("text")) {
        text = Optional.of(parser.getText());
      } else {
        parser.skipChildren();
      }
    }
    return TEXT_PARTS.contains(type) ? text : Optional.empty();
  }
}

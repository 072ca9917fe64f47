package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.AsciiJson;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The texts that a model wrote in an answer, one for each choice: {@code message.content} or {@code
 * text} of the choices of a completion, the texts of the messages in {@code output} or {@code
 * outputs} of a response or conversation, {@code content} of Anthropic's messages, {@code text} of
 * a transcription. Thread-safe.
 */
public final class AnswerTexts {
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
    AnswerContent content = new AnswerContent();
    int start = AsciiJson.hasByteOrderMark(body) ? 3 : 0;
    try (JsonParser parser = Json.parser(body, start, body.length - start)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return List.of();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        boolean array = value == JsonToken.START_ARRAY;
        switch (name) {
          case "choices" ->
              AnswerContent.readEach(parser, choice -> texts.add(readChoice(choice, content)));
          case "output", "outputs" -> {
            JoinedText items = new JoinedText();
            AnswerContent.readEach(parser, item -> items.add(content.readItem(item), ""));
            add(items.get(), array, texts);
          }
          case "content" -> add(content.read(parser), array, texts);
          case "text" -> add(AnswerContent.textOf(parser), false, texts);
          default -> parser.skipChildren();
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("not one JSON value", e);
    }
    return texts;
  }

  /**
   * @param place whether there is a place for a text, if no text
   */
  private static void add(@Nullable String text, boolean place, List<String> texts) {
    if (text != null || place) {
      texts.add(text == null ? "" : text);
    }
  }

  private static String readChoice(JsonParser parser, AnswerContent content) throws IOException {
    String text = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      @Nullable String read =
          switch (name) {
            case "text" -> AnswerContent.textOf(parser);
            case "message" -> content.readMessage(parser);
            default -> {
              parser.skipChildren();
              yield null;
            }
          };
      text = read == null ? text : read;
    }
    return text == null ? "" : text;
  }
}

package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a model wrote, how it ended and the first vector in the body of an answer, recognised
 * by its shape: lines of one job may go to different endpoints, and an answer does not name its
 * own. Of several choices the first counts. Not thread-safe; to be reused.
 *
 * <p>Where a text is: {@code choices[0].message.content} (chats) or {@code .text} (completions);
 * the parts of {@code output} (OpenAI's responses) and {@code outputs} (Mistral's conversations);
 * {@code content} (Anthropic's messages); {@code text} (transcriptions); {@code pages[].markdown}
 * (OCR). Of parts only those that are text count, one after the other; pages are separated by a
 * blank line. What a model refuses to say is not an answer: the text is null and the ending {@code
 * refusal}.
 */
final class AnswerBody {
  private static final String PAGE_BREAK = "\n\n";

  private final boolean wantsText;
  private final boolean wantsVector;
  private final boolean wantsEnding;
  private final VectorReader vectors = new VectorReader();

  private final JoinedText text = new JoinedText();
  private final AnswerContent content = new AnswerContent();
  private float @Nullable [] vector;
  private @Nullable String ending;
  private @Nullable String status;
  private boolean output;

  AnswerBody(Set<AnswerPart> wanted) {
    this.wantsText = wanted.contains(AnswerPart.TEXT);
    this.wantsVector = wanted.contains(AnswerPart.VECTOR);
    this.wantsEnding = wanted.contains(AnswerPart.ENDING);
  }

  /** Whether there is anything to look for. */
  boolean isWanted() {
    return wantsText || wantsVector || wantsEnding;
  }

  void clear() {
    text.clear();
    content.clear();
    vector = null;
    ending = null;
    status = null;
    output = false;
  }

  @Nullable String text() {
    return text.get();
  }

  float @Nullable [] vector() {
    return vector;
  }

  @Nullable String ending() {
    if (content.isRefused() && text.get() == null) {
      return AnswerContent.REFUSAL;
    }
    return ending == null && output ? status : ending;
  }

  /** Reads the value that the parser stands on, to its end. */
  void read(JsonParser parser) throws IOException {
    clear();
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "choices" -> readFirst(parser, this::readChoice);
        case "output", "outputs" -> {
          output |= value == JsonToken.START_ARRAY;
          AnswerContent.readEach(parser, item -> append(content.readItem(item), ""));
        }
        case "content" -> append(content.read(parser), "");
        case "text" -> append(AnswerContent.textOf(parser), "");
        case "pages" -> AnswerContent.readEach(parser, this::readPage);
        case "data" -> {
          if (wantsVector) {
            readFirst(parser, this::readEmbedding);
          } else {
            parser.skipChildren();
          }
        }
        case "stop_reason" -> end(AnswerContent.textOf(parser));
        case "incomplete_details" -> readIncomplete(parser);
        case "status" -> status = AnswerContent.textOf(parser);
        default -> parser.skipChildren();
      }
    }
  }

  private static void readFirst(JsonParser parser, AnswerContent.ObjectReader reader)
      throws IOException {
    boolean[] found = {false};
    AnswerContent.readEach(
        parser,
        object -> {
          if (found[0]) {
            object.skipChildren();
          } else {
            found[0] = true;
            reader.read(object);
          }
        });
  }

  private void readChoice(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "message" -> append(content.readMessage(parser), "");
        case "text" -> append(AnswerContent.textOf(parser), "");
        case "finish_reason" -> end(AnswerContent.textOf(parser));
        default -> parser.skipChildren();
      }
    }
  }

  private void readPage(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals("markdown")) {
        append(AnswerContent.textOf(parser), PAGE_BREAK);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void readEmbedding(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals("embedding")) {
        vector = vectors.read(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void readIncomplete(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals("reason")) {
        end(AnswerContent.textOf(parser));
      } else {
        parser.skipChildren();
      }
    }
  }

  private void append(@Nullable String more, String between) {
    if (wantsText || wantsEnding) {
      text.add(more, between);
    }
  }

  private void end(@Nullable String word) {
    if (word != null) {
      ending = word;
    }
  }
}

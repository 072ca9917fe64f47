package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import io.batchinfer.model.endpoint.Endpoint;
import io.batchinfer.model.endpoint.Endpoints;
import io.batchinfer.model.endpoint.RequestField;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What of a request body counts as tokens, read in one pass; images and other media are counted,
 * not kept. {@code toString} shows no texts.
 *
 * @param model the body's own model, if it names one
 * @param texts everything that the model reads as text
 * @param messages chat messages
 * @param media images, audio, files and documents
 * @param tokenIds tokens that were given as numbers
 * @param prompts independent prompts, each with its own completion
 * @param maxTokens the stated limit of one completion
 * @param choices completions per prompt
 */
public record PromptTexts(
    Optional<String> model,
    List<String> texts,
    int messages,
    int media,
    long tokenIds,
    int prompts,
    Optional<Long> maxTokens,
    int choices) {

  private static final Set<String> NOT_READ =
      Set.of("type", "id", "detail", "tool_call_id", "call_id", "status", "object", "filename");

  /**
   * Reads a request body.
   *
   * @param path canonical path of the endpoint
   * @throws IllegalArgumentException if it is not a JSON object; the message shows nothing of it
   */
  public static PromptTexts read(String path, byte[] body) {
    Reading reading = new Reading(Endpoints.at(path), body);
    try (JsonParser parser = Json.FACTORY.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("The request body is not a JSON object.");
      }
      reading.fields(parser);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "The request body is not JSON (" + e.getClass().getSimpleName() + ").");
    }
    return reading.result();
  }

  @Override
  public String toString() {
    return "PromptTexts[texts="
        + texts.size()
        + ", messages="
        + messages
        + ", media="
        + media
        + "]";
  }

  private static final class Reading {
    private final Endpoint endpoint;
    private final byte[] body;
    private final List<String> texts = new ArrayList<>();
    private Optional<String> model = Optional.empty();
    private Optional<Long> maxTokens = Optional.empty();
    private int messages;
    private int media;
    private long tokenIds;
    private int prompts = 1;
    private int choices = 1;

    Reading(Endpoint endpoint, byte[] body) {
      this.endpoint = endpoint;
      this.body = body;
    }

    PromptTexts result() {
      return new PromptTexts(
          model, List.copyOf(texts), messages, media, tokenIds, prompts, maxTokens, choices);
    }

    void fields(JsonParser parser) throws IOException {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("model") && value == JsonToken.VALUE_STRING) {
          model = Optional.of(parser.getText()).filter(text -> !text.isEmpty());
        } else {
          field(endpoint.field(name), parser);
        }
      }
    }

    private void field(RequestField field, JsonParser parser) throws IOException {
      switch (field) {
        case ANSWER_LIMIT -> maxTokens = number(parser).or(() -> maxTokens);
        case ANSWERS ->
            choices = (int) Math.max(choices, Math.min(number(parser).orElse(1L), 1_000L));
        case SCHEMA -> raw(parser);
        case MEDIA -> mediaItem(parser);
        case PROMPTS -> independent(parser);
        case PROMPT, TEXT -> text(parser);
        case NESTED -> {
          if (parser.currentToken() == JsonToken.START_OBJECT) {
            fields(parser);
          } else {
            parser.skipChildren();
          }
        }
        case OTHER -> parser.skipChildren();
      }
    }

    private static Optional<Long> number(JsonParser parser) throws IOException {
      if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
          && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
        return Optional.of(Math.max(0, parser.getLongValue()));
      }
      parser.skipChildren();
      return Optional.empty();
    }

    /**
     * A prompt or input: its texts and token arrays, but not its messages, stand for themselves.
     */
    private void independent(JsonParser parser) throws IOException {
      if (parser.currentToken() != JsonToken.START_ARRAY) {
        text(parser);
        return;
      }
      int items = 0;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        JsonToken item = parser.currentToken();
        items += item == JsonToken.VALUE_STRING || item == JsonToken.START_ARRAY ? 1 : 0;
        text(parser);
      }
      prompts = Math.max(1, items);
    }

    private void text(JsonParser parser) throws IOException {
      JsonToken token = parser.currentToken();
      if (token == JsonToken.VALUE_STRING) {
        texts.add(parser.getText());
      } else if (token == JsonToken.VALUE_NUMBER_INT) {
        tokenIds++;
      } else if (token == JsonToken.START_ARRAY) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          text(parser);
        }
      } else if (token == JsonToken.START_OBJECT) {
        object(parser);
      }
    }

    private void object(JsonParser parser) throws IOException {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals("role")) {
          messages++;
        } else if (endpoint.isMedia(name)) {
          mediaItem(parser);
        } else if (NOT_READ.contains(name)) {
          parser.skipChildren();
        } else {
          text(parser);
        }
      }
    }

    private void mediaItem(JsonParser parser) throws IOException {
      media += parser.currentToken() == JsonToken.VALUE_NULL ? 0 : 1;
      parser.skipChildren();
    }

    private void raw(JsonParser parser) throws IOException {
      int start = (int) parser.currentTokenLocation().getByteOffset();
      boolean absent = parser.currentToken() == JsonToken.VALUE_NULL;
      parser.skipChildren();
      int end = (int) parser.currentLocation().getByteOffset();
      if (!absent && start >= 0 && end > start) {
        texts.add(new String(body, start, end - start, StandardCharsets.UTF_8));
      }
    }
  }
}

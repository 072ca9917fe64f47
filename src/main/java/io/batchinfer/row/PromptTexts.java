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
 * What of a request body counts as tokens, read in one pass; other media are counted, not kept.
 * {@code toString} shows no texts.
 *
 * @param model the body's own model, if it names one
 * @param texts everything that the model reads as text
 * @param messages chat messages
 * @param tools arrays of tools as they are written
 * @param images with their sizes, where the request holds them
 * @param media audio, files and documents
 * @param tokenIds tokens that were given as numbers
 * @param prompts independent prompts, each with its own completion
 * @param maxTokens the stated limit of one completion
 * @param choices completions per prompt
 */
public record PromptTexts(
    Optional<String> model,
    List<String> texts,
    List<String> tools,
    List<ImagePart> images,
    int messages,
    int media,
    long tokenIds,
    int prompts,
    Optional<Long> maxTokens,
    int choices) {

  private static final Set<String> NOT_READ =
      Set.of("type", "id", "tool_call_id", "call_id", "status", "object", "filename");

  private static final Set<String> IMAGES = Set.of("image_url", "image");
  private static final String BASE64 = ";base64,";
  private static final int MOST_BEFORE_BASE64 = 64;

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
        + ", images="
        + images.size()
        + ", media="
        + media
        + "]";
  }

  private static final class Reading {
    private final Endpoint endpoint;
    private final byte[] body;
    private final List<String> texts = new ArrayList<>();
    private final List<String> tools = new ArrayList<>();
    private final List<ImagePart> images = new ArrayList<>();
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
          model,
          List.copyOf(texts),
          List.copyOf(tools),
          List.copyOf(images),
          messages,
          media,
          tokenIds,
          prompts,
          maxTokens,
          choices);
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
        case SCHEMA -> raw(parser, texts);
        case TOOLS -> raw(parser, tools);
        case MEDIA -> mediaItem(parser, parser.currentName());
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
      int earlier = images.size();
      boolean low = false;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals("role")) {
          messages++;
        } else if (endpoint.isMedia(name)) {
          mediaItem(parser, name);
        } else if (name.equals("detail")) {
          low |= isLow(parser);
        } else if (NOT_READ.contains(name)) {
          parser.skipChildren();
        } else {
          text(parser);
        }
      }
      if (low) {
        images.subList(earlier, images.size()).replaceAll(ImagePart::inLowDetail);
      }
    }

    private static boolean isLow(JsonParser parser) throws IOException {
      boolean low =
          parser.currentToken() == JsonToken.VALUE_STRING && parser.getText().equals("low");
      parser.skipChildren();
      return low;
    }

    private void mediaItem(JsonParser parser, String name) throws IOException {
      boolean image = IMAGES.contains(name);
      ImagePart part = ImagePart.UNKNOWN;
      if (parser.currentToken() == JsonToken.VALUE_STRING) {
        part = image(parser, false);
      } else if (parser.currentToken() == JsonToken.START_OBJECT) {
        boolean low = false;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String field = parser.currentName();
          parser.nextToken();
          switch (field) {
            case "url" -> part = image(parser, false);
            case "data" -> part = image(parser, true);
            case "detail" -> low |= isLow(parser);
            case "media_type" -> image |= parser.getText().startsWith("image/");
            default -> parser.skipChildren();
          }
        }
        part = low ? part.inLowDetail() : part;
      } else if (parser.currentToken() == JsonToken.VALUE_NULL) {
        return;
      } else {
        parser.skipChildren();
      }
      if (image) {
        images.add(part);
      } else {
        media++;
      }
    }

    /** An image in a text, from its data URL or, where that is all, from its base64. */
    private ImagePart image(JsonParser parser, boolean bare) throws IOException {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        parser.skipChildren();
        return ImagePart.UNKNOWN;
      }
      int start = (int) parser.currentTokenLocation().getByteOffset() + 1;
      int length = Math.min(body.length - start, MOST_BEFORE_BASE64);
      String beginning = new String(body, start, length, StandardCharsets.ISO_8859_1);
      int base64 = beginning.startsWith("data:") ? beginning.indexOf(BASE64) : -1;
      if (base64 >= 0) {
        return ImageHead.ofBase64(body, start + base64 + BASE64.length());
      }
      return bare ? ImageHead.ofBase64(body, start) : ImagePart.UNKNOWN;
    }

    private void raw(JsonParser parser, List<String> to) throws IOException {
      int start = (int) parser.currentTokenLocation().getByteOffset();
      boolean absent = parser.currentToken() == JsonToken.VALUE_NULL;
      parser.skipChildren();
      int end = (int) parser.currentLocation().getByteOffset();
      if (!absent && start >= 0 && end > start) {
        to.add(new String(body, start, end - start, StandardCharsets.UTF_8));
      }
    }
  }
}

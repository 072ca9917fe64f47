package io.batchinfer.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Checks that an answer is JSON and picks usage, finish reasons and error codes out of the shapes
 * that OpenAI, Mistral, vLLM and LoRAX use, tolerant of nulls and unknown keys. Thread-safe.
 */
public final class ReplyReader {
  private ReplyReader() {}

  public static ReplyFacts read(byte[] body) {
    Facts facts = new Facts();
    try (JsonParser parser = parser(body)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return ReplyFacts.NOT_JSON;
      }
      if (first == JsonToken.START_OBJECT) {
        readTop(parser, facts);
      } else {
        parser.skipChildren();
      }
      if (parser.nextToken() != null) {
        return ReplyFacts.NOT_JSON;
      }
    } catch (IOException e) {
      return ReplyFacts.NOT_JSON;
    }
    return new ReplyFacts(
        true,
        new Usage(facts.prompt, facts.completion, facts.cached, facts.reasoning),
        facts.truncated,
        facts.errorCode(),
        facts.message == null ? "" : facts.message,
        facts.error,
        facts.model);
  }

  private static JsonParser parser(byte[] body) throws IOException {
    int start = AsciiJson.hasByteOrderMark(body) ? 3 : 0;
    return Json.parser(body, start, body.length - start);
  }

  private static void readTop(JsonParser parser, Facts facts) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "usage" -> readUsage(parser, facts);
        case "choices" -> readChoices(parser, facts);
        case "incomplete_details" -> readIncomplete(parser, facts);
        case "model" -> {
          facts.model = value == JsonToken.VALUE_STRING ? parser.getText() : "";
          parser.skipChildren();
        }
        case "error" -> {
          facts.error |= value == JsonToken.START_OBJECT || value == JsonToken.VALUE_STRING;
          if (value == JsonToken.START_OBJECT) {
            readError(parser, facts);
          } else if (value == JsonToken.VALUE_STRING) {
            facts.message = parser.getText();
          } else {
            parser.skipChildren();
          }
        }
        case "object" -> {
          facts.error |= value == JsonToken.VALUE_STRING && parser.getText().equals("error");
          parser.skipChildren();
        }
        case "code", "type", "error_type", "message" -> readErrorField(parser, facts, name);
        default -> parser.skipChildren();
      }
    }
  }

  private static void readUsage(JsonParser parser, Facts facts) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.VALUE_NUMBER_INT) {
        switch (name) {
          case "prompt_tokens", "input_tokens" -> facts.prompt = count(parser);
          case "completion_tokens", "output_tokens" -> facts.completion = count(parser);
          default -> {}
        }
      } else if (value == JsonToken.START_OBJECT && name.endsWith("_details")) {
        readUsageDetails(parser, facts);
      } else {
        parser.skipChildren();
      }
    }
  }

  private static void readUsageDetails(JsonParser parser, Facts facts) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.VALUE_NUMBER_INT) {
        switch (name) {
          case "cached_tokens" -> facts.cached = count(parser);
          case "reasoning_tokens" -> facts.reasoning = count(parser);
          default -> {}
        }
      } else {
        parser.skipChildren();
      }
    }
  }

  private static long count(JsonParser parser) throws IOException {
    return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        ? 0
        : Math.max(0, parser.getLongValue());
  }

  private static void readChoices(JsonParser parser, Facts facts) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        parser.skipChildren();
        continue;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("finish_reason") && value == JsonToken.VALUE_STRING) {
          String reason = parser.getText();
          facts.truncated |= reason.equals("length") || reason.equals("model_length");
        } else {
          parser.skipChildren();
        }
      }
    }
  }

  private static void readIncomplete(JsonParser parser, Facts facts) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (parser.nextToken() == JsonToken.VALUE_STRING && name.equals("reason")) {
        facts.truncated |= parser.getText().equals("max_output_tokens");
      } else {
        parser.skipChildren();
      }
    }
  }

  private static void readError(JsonParser parser, Facts facts) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      readErrorField(parser, facts, name);
    }
  }

  private static void readErrorField(JsonParser parser, Facts facts, String name)
      throws IOException {
    JsonToken value = parser.currentToken();
    if (value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NUMBER_INT) {
      String text = parser.getText();
      switch (name) {
        case "code" -> facts.code = text;
        case "type", "error_type" -> facts.type = text;
        case "message" -> facts.message = text;
        default -> {}
      }
    } else {
      parser.skipChildren();
    }
  }

  private static final class Facts {
    private boolean error;
    long prompt;
    long completion;
    long cached;
    long reasoning;
    boolean truncated;
    String model = "";
    @Nullable String code;
    @Nullable String type;
    @Nullable String message;

    /** A word says more than a number, which mostly repeats the status. */
    String errorCode() {
      boolean number = code != null && code.chars().allMatch(Character::isDigit);
      if (code != null && !(number && type != null)) {
        return code;
      }
      return type == null ? "" : type;
    }
  }
}

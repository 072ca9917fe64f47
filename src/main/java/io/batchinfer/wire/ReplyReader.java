package io.batchinfer.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks that an answer is JSON and picks usage, finish reasons and error codes out of the shapes
 * that OpenAI, Mistral, vLLM and LoRAX use, tolerant of nulls and unknown keys. Thread-safe.
 */
public final class ReplyReader {
  private ReplyReader() {}

  /** What a body says, read strictly. */
  public static ReplyFacts read(byte[] body) {
    Facts facts = new Facts();
    try (JsonParser parser = parser(body)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return ReplyFacts.NOT_JSON;
      }
      if (first == JsonToken.START_OBJECT) {
        readTop(parser, facts);
      } else if (first == JsonToken.VALUE_NULL) {
        facts.fail("null_answer", "The endpoint answered null.");
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
        new AnswerMarks(facts.truncated, facts.filtered, false),
        facts.errorCode(),
        facts.message == null ? "" : facts.message,
        facts.error,
        facts.model);
  }

  /** What a body that cannot be read strictly says once it is mended. */
  public record Mended(byte[] body, ReplyFacts facts) {}

  /**
   * Reads a body leniently that {@link #read} could not, as far as that takes no guess; empty where
   * even that fails.
   */
  public static Optional<Mended> readLeniently(byte[] body) {
    return LenientJson.mend(body)
        .map(mended -> new Mended(mended, read(mended).asRepaired()))
        .filter(mended -> mended.facts().json());
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
          if (isThere(value)) {
            facts.error = true;
            readErrorValue(parser, facts);
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
        ? (parser.getBigIntegerValue().signum() < 0 ? 0 : Long.MAX_VALUE)
        : Math.max(0, parser.getLongValue());
  }

  private static void readChoices(JsonParser parser, Facts facts) throws IOException {
    int choices = 0;
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
          choices++;
          readChoice(parser, facts);
        } else {
          parser.skipChildren();
        }
      }
    } else {
      parser.skipChildren();
    }
    if (choices == 0) {
      facts.fail("no_choices", "The answer holds no choices.");
    }
  }

  private static void readChoice(JsonParser parser, Facts facts) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("finish_reason") && value == JsonToken.VALUE_STRING) {
        String reason = parser.getText();
        facts.truncated |= reason.equals("length") || reason.equals("model_length");
        facts.filtered |= reason.startsWith("content_filter");
        if (reason.equals("error")) {
          facts.fail("error_in_choice", "A choice of the answer ended with an error.");
        }
      } else if (name.equals("error") && isThere(value)) {
        facts.fail("error_in_choice", "A choice of the answer is an error.");
        readErrorValue(parser, facts);
      } else {
        parser.skipChildren();
      }
    }
  }

  /** Whether an error is stated; false, null and empty ones are none. */
  private static boolean isThere(JsonToken error) {
    return error == JsonToken.START_OBJECT || error == JsonToken.VALUE_STRING;
  }

  private static void readErrorValue(JsonParser parser, Facts facts) throws IOException {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      readError(parser, facts);
    } else {
      facts.message = parser.getText();
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
        facts.filtered |= parser.getText().equals("content_filter");
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
    boolean filtered;
    private @Nullable String ownCode;
    String model = "";
    @Nullable String code;
    @Nullable String type;
    @Nullable String message;

    /** An error that the endpoint need not have a word of its own for. */
    void fail(String codeOfOurs, String words) {
      error = true;
      ownCode = codeOfOurs;
      if (message == null) {
        message = words;
      }
    }

    /** A word says more than a number, which mostly repeats the status. */
    String errorCode() {
      if (ownCode != null && (code == null || code.chars().allMatch(Character::isDigit))) {
        return ownCode;
      }
      boolean number = code != null && code.chars().allMatch(Character::isDigit);
      if (code != null && !(number && type != null)) {
        return code;
      }
      return type == null ? "" : type;
    }
  }
}

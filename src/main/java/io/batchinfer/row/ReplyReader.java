package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.AsciiJson;
import io.batchinfer.json.Json;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.endpoint.AnswerFields;
import io.batchinfer.model.endpoint.Endpoints;
import java.io.IOException;
import java.util.Optional;

/**
 * Checks that an answer is JSON and picks usage, finish reasons and error codes out of where its
 * endpoint has them, tolerant of nulls and unknown keys. Thread-safe.
 */
public final class ReplyReader {
  private static final int PART_DEPTH = 4;

  private ReplyReader() {}

  /**
   * What a body says, read strictly.
   *
   * @param path canonical path of the endpoint that answered
   */
  public static ReplyFacts read(String path, byte[] body) {
    GatheredFacts facts = new GatheredFacts(Endpoints.at(path).answer());
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
    return facts.ofJson();
  }

  /** What a body that cannot be read strictly says once it is repaired. */
  public record Mended(byte[] body, ReplyFacts facts) {}

  /**
   * Reads a body leniently that {@link #read} could not, as far as that takes no guess; empty where
   * even that fails.
   */
  public static Optional<Mended> readLeniently(String path, byte[] body) {
    return LenientJson.mend(body)
        .map(mended -> new Mended(mended, read(path, mended).asRepaired()))
        .filter(mended -> mended.facts().json());
  }

  private static JsonParser parser(byte[] body) throws IOException {
    int start = AsciiJson.hasByteOrderMark(body) ? 3 : 0;
    return Json.parser(body, start, body.length - start);
  }

  private static void readTop(JsonParser parser, GatheredFacts facts) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "usage" -> readUsage(parser, facts);
        case "usage_info" -> readPages(parser, facts);
        case "duration" -> facts.seconds(parser);
        case "choices" -> readChoices(parser, facts);
        case "incomplete_details" -> readIncomplete(parser, facts);
        case "output" -> readOutput(parser, facts);
        case AnswerFields.STOP_REASON, AnswerFields.STATUS -> readEnding(parser, facts, name);
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

  private static void readUsage(JsonParser parser, GatheredFacts facts) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.VALUE_NUMBER_INT) {
        facts.count(name, count(parser));
      } else if (value == JsonToken.VALUE_NUMBER_FLOAT && isSeconds(name)) {
        facts.seconds(parser);
      } else if (value == JsonToken.START_OBJECT && name.endsWith("_details")) {
        readUsageDetails(parser, facts);
      } else {
        parser.skipChildren();
      }
    }
  }

  private static void readPages(JsonParser parser, GatheredFacts facts) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean pages = parser.currentName().equals("pages_processed");
      if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT && pages) {
        facts.pages(count(parser));
      } else {
        parser.skipChildren();
      }
    }
  }

  private static void readUsageDetails(JsonParser parser, GatheredFacts facts) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.VALUE_NUMBER_INT) {
        facts.countDetail(name, count(parser));
      } else {
        parser.skipChildren();
      }
    }
  }

  /** OpenAI's name and Mistral's. */
  static boolean isSeconds(String name) {
    return name.equals("seconds") || name.equals("prompt_audio_seconds");
  }

  private static long count(JsonParser parser) throws IOException {
    return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        ? (parser.getBigIntegerValue().signum() < 0 ? 0 : Long.MAX_VALUE)
        : Math.max(0, parser.getLongValue());
  }

  private static void readChoices(JsonParser parser, GatheredFacts facts) throws IOException {
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

  private static void readChoice(JsonParser parser, GatheredFacts facts) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals(AnswerFields.FINISH_REASON) && value == JsonToken.VALUE_STRING) {
        facts.ended(name, parser.getText());
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

  private static void readErrorValue(JsonParser parser, GatheredFacts facts) throws IOException {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      readError(parser, facts);
    } else {
      facts.message = parser.getText();
    }
  }

  private static void readIncomplete(JsonParser parser, GatheredFacts facts) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (parser.nextToken() == JsonToken.VALUE_STRING
          && name.equals(AnswerFields.INCOMPLETE_REASON)) {
        facts.ended(name, parser.getText());
      } else {
        parser.skipChildren();
      }
    }
  }

  /** The parts of a response's messages, some of which say that the model refuses. */
  private static void readOutput(JsonParser parser, GatheredFacts facts) throws IOException {
    if (!facts.fields.tells(AnswerFields.PART_TYPE)) {
      parser.skipChildren();
      return;
    }
    // Nothing else is as deep as the parts: output, item, content, part.
    int depth = 0;
    JsonToken token = parser.currentToken();
    do {
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (token == JsonToken.VALUE_STRING
          && depth == PART_DEPTH
          && AnswerFields.PART_TYPE.equals(parser.currentName())) {
        facts.ended(AnswerFields.PART_TYPE, parser.getText());
      }
    } while (depth > 0 && (token = parser.nextToken()) != null);
  }

  private static void readEnding(JsonParser parser, GatheredFacts facts, String name)
      throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      facts.ended(name, parser.getText());
    } else {
      parser.skipChildren();
    }
  }

  private static void readError(JsonParser parser, GatheredFacts facts) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      readErrorField(parser, facts, name);
    }
  }

  private static void readErrorField(JsonParser parser, GatheredFacts facts, String name)
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
}

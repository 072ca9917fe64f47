package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.batchinfer.json.Json;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.endpoint.Endpoints;
import io.batchinfer.row.ParsedLine.Invalid;
import io.batchinfer.row.ParsedLine.Request;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one line of either format: OpenAI's ({@code custom_id}, {@code method}, {@code url}, {@code
 * body}) or Mistral's ({@code custom_id}, {@code body}). Only the envelope and the body's top-level
 * keys are looked at; the body travels as the bytes it was written in. Thread-safe.
 */
public final class RequestLineParser {
  private static final String NOT_JSON = "This line is not parseable as valid JSON.";

  private final LineRules rules;

  public RequestLineParser(LineRules rules) {
    this.rules = rules;
  }

  /** Parses the line in {@code bytes[offset, offset + length)}, its line end excluded. */
  public ParsedLine parse(byte[] bytes, int offset, int length) {
    Envelope envelope = new Envelope();
    try (JsonParser parser = Json.parser(bytes, offset, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return notAnObject(parser, bytes, offset, length);
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        readField(envelope, parser, parser.currentName());
      }
      if (parser.nextToken() != null) {
        return invalid(
            envelope,
            ErrorCode.INVALID_JSON_LINE,
            "The line goes on after its JSON object; write one object per line.",
            null);
      }
    } catch (StreamConstraintsException e) {
      return invalid(
          envelope,
          ErrorCode.INVALID_JSON_LINE,
          "The line is nested deeper than "
              + Json.MAX_DEPTH
              + " levels or holds an endless number.",
          null);
    } catch (IOException e) {
      return invalid(
          envelope,
          ErrorCode.INVALID_JSON_LINE,
          LineFault.of(bytes, offset, length).orElse(NOT_JSON),
          null);
    }
    return settle(envelope, bytes, offset);
  }

  private static Invalid notAnObject(JsonParser parser, byte[] bytes, int offset, int length) {
    JsonToken token = parser.currentToken();
    return new Invalid(
        null,
        ErrorCode.INVALID_JSON_LINE,
        token == null
            ? LineFault.of(bytes, offset, length).orElse(NOT_JSON)
            : "The line is JSON but not an object; a request is an object with custom_id and body.",
        null);
  }

  private void readField(Envelope envelope, JsonParser parser, String name) throws IOException {
    JsonToken value = parser.nextToken();
    switch (name) {
      case "custom_id" -> {
        if (value == JsonToken.VALUE_STRING) {
          envelope.customId = parser.getText();
        } else if (value != JsonToken.VALUE_NULL) {
          envelope.wrongType("custom_id", "a string", value);
          parser.skipChildren();
        }
      }
      case "method" -> {
        if (value == JsonToken.VALUE_STRING) {
          envelope.method = parser.getText();
        } else if (value != JsonToken.VALUE_NULL) {
          envelope.wrongType("method", "a string", value);
          parser.skipChildren();
        }
      }
      case "url" -> {
        if (value == JsonToken.VALUE_STRING) {
          envelope.url = parser.getText();
        } else if (value != JsonToken.VALUE_NULL) {
          envelope.wrongType("url", "a string", value);
          parser.skipChildren();
        }
      }
      case "body" -> {
        if (value == JsonToken.START_OBJECT) {
          envelope.body = BodyOutline.read(parser);
        } else if (value != JsonToken.VALUE_NULL) {
          envelope.wrongType("body", "an object", value);
          parser.skipChildren();
        }
      }
      case StagedLine.UNSENDABLE -> {
        if (rules.staged()) {
          envelope.unsendable = StagedLine.readUnsendable(parser);
        } else {
          parser.skipChildren();
        }
      }
      default -> parser.skipChildren();
    }
  }

  private ParsedLine settle(Envelope envelope, byte[] bytes, int offset) {
    if (envelope.typeProblem != null) {
      return invalid(
          envelope, ErrorCode.INVALID_TYPE, envelope.typeProblem, envelope.typeProblemParam);
    }
    if (envelope.unsendable != null) {
      return invalid(envelope, envelope.unsendable.code(), envelope.unsendable.message(), null);
    }
    boolean openAiFormat = envelope.url != null || envelope.method != null;
    if (envelope.customId == null && openAiFormat) {
      return missing(envelope, "custom_id");
    }
    if (envelope.method != null && !envelope.method.equalsIgnoreCase("POST")) {
      return invalid(
          envelope,
          ErrorCode.INVALID_METHOD,
          "Method \"%s\" is not supported; batch requests are \"POST\"."
              .formatted(shown(envelope.method)),
          "method");
    }
    BodyOutline body = envelope.body;
    if (body == null) {
      return missing(envelope, "body");
    }
    String path;
    if (envelope.url != null) {
      Optional<String> canonical = EndpointPaths.canonical(envelope.url, rules.basePaths());
      if (canonical.isEmpty() || !rules.allowed().contains(canonical.get())) {
        return invalid(
            envelope,
            ErrorCode.INVALID_URL,
            "\"%s\" is not an endpoint this job may call; allowed paths are listed in the reference, more by --allowed-endpoints. What comes before the endpoint's own path belongs in --base-url."
                .formatted(shown(envelope.url)),
            "url");
      }
      path = canonical.get();
    } else if (rules.endpoint() != null) {
      path = rules.endpoint();
    } else {
      return invalid(
          envelope,
          ErrorCode.MISSING_REQUIRED_PARAMETER,
          "Missing required parameter: 'url'. The line names no endpoint; add \"url\" or give the job --endpoint.",
          "url");
    }
    if (body.streams()) {
      return invalid(
          envelope,
          ErrorCode.STREAMING_UNSUPPORTED,
          "Streaming is not supported in a batch; leave \"stream\" out or false.",
          "body.stream");
    }
    if (body.modelIsNotText()) {
      return invalid(
          envelope, ErrorCode.INVALID_TYPE, "Expected a string in 'body.model'.", "body.model");
    }
    if (rules.modelRule() == LineRules.ModelRule.REFUSE && contradicts(body.model())) {
      return invalid(
          envelope,
          ErrorCode.MISMATCHED_MODEL,
          "The line asks for model \"%s\", the job for \"%s\"; say which wins with --model-override or --keep-line-models."
              .formatted(shown(String.valueOf(body.model())), rules.model()),
          "body.model");
    }
    if (rules.answerSchema() != null) {
      Optional<String> problem = body.schemaProblem(rules.answerSchema(), path);
      if (problem.isPresent()) {
        return invalid(envelope, ErrorCode.UNSUPPORTED_ANSWER_SCHEMA, problem.get(), "body");
      }
    }
    byte[] effective = body.effective(bytes, offset, rules, path);
    return new Request(
        envelope.customId,
        path,
        effective,
        body.effectiveModel(rules),
        body.answerTokens(),
        body.isDetermined() || !Endpoints.at(path).writesText(),
        body.prompt());
  }

  private boolean contradicts(@Nullable String lineModel) {
    return rules.model() != null
        && lineModel != null
        && !lineModel.isEmpty()
        && !lineModel.equals(rules.model());
  }

  private static Invalid missing(Envelope envelope, String key) {
    return invalid(
        envelope,
        ErrorCode.MISSING_REQUIRED_PARAMETER,
        "Missing required parameter: '" + key + "'.",
        key);
  }

  private static Invalid invalid(
      Envelope envelope, ErrorCode code, String message, @Nullable String param) {
    return new Invalid(envelope.customId, code, message, param);
  }

  private static String shown(String value) {
    return value.length() <= 100 ? value : value.substring(0, 100) + "…";
  }

  private static final class Envelope {
    @Nullable String customId;
    @Nullable String method;
    @Nullable String url;
    @Nullable BodyOutline body;
    StagedLine.@Nullable Unsendable unsendable;
    @Nullable String typeProblem;
    @Nullable String typeProblemParam;

    void wrongType(String key, String expected, JsonToken found) {
      if (typeProblem == null) {
        typeProblem =
            "Invalid type for '%s': expected %s, but got %s.".formatted(key, expected, word(found));
        typeProblemParam = key;
      }
    }

    private static String word(JsonToken token) {
      return switch (token) {
        case START_OBJECT -> "an object";
        case START_ARRAY -> "an array";
        case VALUE_STRING -> "a string";
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
        case VALUE_TRUE, VALUE_FALSE -> "a boolean";
        default -> "another type";
      };
    }
  }
}

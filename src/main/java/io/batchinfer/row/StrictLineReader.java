package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.row.StrictLine.Fault;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges request lines by the rules of OpenAI's batch API. Thread-safe. */
public final class StrictLineReader {
  private static final Map<String, String> NEEDED =
      Map.of(
          EndpointPaths.CHAT_COMPLETIONS,
          "messages",
          "/v1/completions",
          "prompt",
          EndpointPaths.EMBEDDINGS,
          "input",
          "/v1/moderations",
          "input",
          "/v1/responses",
          "input");

  /** Other keys are not kept: a hostile line has millions of them. */
  private static final Set<String> ENVELOPE = Set.of("custom_id", "method", "url", "body");

  private static final Set<String> CONTENT = Set.copyOf(NEEDED.values());

  private final String endpoint;
  private final boolean modelOptional;

  /**
   * @param endpoint canonical path that every line must name
   * @param modelOptional whether the job brings a model for lines that name none
   */
  public StrictLineReader(String endpoint, boolean modelOptional) {
    this.endpoint = endpoint;
    this.modelOptional = modelOptional;
  }

  /** Judges the line in {@code bytes[offset, offset + length)}, its line end excluded. */
  public StrictLine read(byte[] bytes, int offset, int length) {
    Map<String, JsonToken> kinds = new HashMap<>();
    Map<String, String> texts = new HashMap<>();
    Body body = new Body();
    try (JsonParser parser = Json.parser(bytes, offset, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return unparseable(bytes, offset, length);
      }
      for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
        JsonToken value = parser.nextToken();
        if (ENVELOPE.contains(key)) {
          kinds.put(key, value);
        }
        if (value == JsonToken.VALUE_STRING && ENVELOPE.contains(key)) {
          texts.put(key, parser.getText());
        } else if (key.equals("body") && value == JsonToken.START_OBJECT) {
          body.read(parser);
        } else {
          parser.skipChildren();
        }
      }
      if (parser.nextToken() != null) {
        return unparseable(bytes, offset, length);
      }
    } catch (IOException e) {
      return unparseable(bytes, offset, length);
    }
    long inputs = endpoint.equals(EndpointPaths.EMBEDDINGS) ? body.inputs : 0;
    return new StrictLine(texts.get("custom_id"), body.model, inputs, fault(kinds, texts, body));
  }

  private static StrictLine unparseable(byte[] bytes, int offset, int length) {
    return new StrictLine(
        null,
        null,
        0,
        Optional.of(
            new Fault(
                "invalid_json_line",
                LineFault.of(bytes, offset, length)
                    .orElse("This line is not parseable as valid JSON."),
                null)));
  }

  private Optional<Fault> fault(
      Map<String, JsonToken> kinds, Map<String, String> texts, Body body) {
    for (String key : new String[] {"custom_id", "method", "url"}) {
      @Nullable JsonToken kind = kinds.get(key);
      if (kind == null || kind == JsonToken.VALUE_NULL) {
        return missing(key);
      }
      if (kind != JsonToken.VALUE_STRING) {
        return Optional.of(
            new Fault(
                "invalid_type", "Invalid type for '%s': expected a string.".formatted(key), key));
      }
    }
    @Nullable JsonToken bodyKind = kinds.get("body");
    if (bodyKind == null || bodyKind == JsonToken.VALUE_NULL) {
      return missing("body");
    }
    if (bodyKind != JsonToken.START_OBJECT) {
      return Optional.of(
          new Fault("invalid_type", "Invalid type for 'body': expected an object.", "body"));
    }
    if (!"POST".equalsIgnoreCase(texts.get("method"))) {
      return Optional.of(
          new Fault("invalid_method", "The method of a batch request must be POST.", "method"));
    }
    if (!EndpointPaths.canonical(String.valueOf(texts.get("url"))).equals(Optional.of(endpoint))) {
      return Optional.of(
          new Fault(
              "invalid_url",
              "The URL provided for this request does not match the batch endpoint.",
              "url"));
    }
    return faultOf(body);
  }

  private Optional<Fault> faultOf(Body body) {
    boolean noModel = body.model == null || body.model.isEmpty();
    if (body.modelIsNotText) {
      return Optional.of(
          new Fault("invalid_type", "Invalid type for 'model': expected a string.", "body.model"));
    }
    if (noModel && !modelOptional && !endpoint.equals("/v1/moderations")) {
      return Optional.of(
          new Fault("invalid_request", "Model parameter is required.", "body.model"));
    }
    if (body.streams) {
      return Optional.of(
          new Fault(
              "streaming_unsupported",
              (endpoint.equals(EndpointPaths.CHAT_COMPLETIONS) ? "Chat Completions: " : "")
                  + "Streaming is not supported in the Batch API.",
              "body.stream"));
    }
    @Nullable String needed = NEEDED.get(endpoint);
    if (needed != null && !body.keys.contains(needed)) {
      return Optional.of(
          new Fault(
              "invalid_request",
              Character.toUpperCase(needed.charAt(0))
                  + needed.substring(1)
                  + " parameter is required.",
              "body." + needed));
    }
    return Optional.empty();
  }

  private static Optional<Fault> missing(String key) {
    return Optional.of(
        new Fault("missing_required_parameter", "Missing required parameter: '" + key + "'.", key));
  }

  private static final class Body {
    private final Set<String> keys = new HashSet<>();
    private @Nullable String model;
    private boolean modelIsNotText;
    private boolean streams;
    private long inputs;

    void read(JsonParser parser) throws IOException {
      for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
        JsonToken value = parser.nextToken();
        if (value != JsonToken.VALUE_NULL && CONTENT.contains(key)) {
          keys.add(key);
        }
        if (key.equals("model") && value == JsonToken.VALUE_STRING) {
          model = parser.getText();
        } else if (key.equals("model") && value != JsonToken.VALUE_NULL) {
          modelIsNotText = true;
        } else if (key.equals("stream")) {
          streams = value == JsonToken.VALUE_TRUE;
        } else if (key.equals("input")) {
          inputs = value == JsonToken.START_ARRAY ? elements(parser) : 1;
        }
        parser.skipChildren();
      }
    }

    /** Elements of an array, which is one input where they are the numbers of its tokens. */
    private static long elements(JsonParser parser) throws IOException {
      long count = 0;
      boolean tokens = false;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        tokens |= parser.currentToken().isNumeric();
        parser.skipChildren();
        count++;
      }
      return tokens ? 1 : count;
    }
  }
}

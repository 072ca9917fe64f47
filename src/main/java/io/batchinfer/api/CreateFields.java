package io.batchinfer.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the fields that both APIs' create requests have, with the refusals of one of them. */
abstract class CreateFields {
  /** Keeps numbers exactly, since bodies of requests are among what it reads. */
  private static final ObjectReader READER =
      Json.MAPPER
          .reader()
          .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);

  private static final int LONGEST_VALUE = 512;
  private static final int LONGEST_NAME = 256;
  private static final Pattern DEPLOYMENT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

  private final int mostPairs;
  private final int longestKey;
  private final int shortestValue;

  /**
   * @param mostPairs of metadata
   * @param longestKey characters of a metadata key
   * @param shortestValue characters of a metadata value
   */
  CreateFields(int mostPairs, int longestKey, int shortestValue) {
    this.mostPairs = mostPairs;
    this.longestKey = longestKey;
    this.shortestValue = shortestValue;
  }

  /** A refusal of a field. */
  abstract ApiError wrong(String param, String code, String message);

  static ObjectNode parse(byte[] body) {
    try (JsonParser parser = Json.parser(body, 0, body.length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw ApiError.invalid(null, "invalid_json", "The request body is not a JSON object.");
      }
      JsonNode node = READER.readTree(parser);
      if (parser.nextToken() != null) {
        throw ApiError.invalid(
            null, "invalid_json", "The request body goes on after its JSON object.");
      }
      return (ObjectNode) node;
    } catch (StreamConstraintsException e) {
      throw ApiError.invalid(
          null,
          "invalid_json",
          "The request body is nested deeper than %d levels or holds an endless number."
              .formatted(Json.MAX_DEPTH));
    } catch (JsonProcessingException e) {
      throw ApiError.invalid(
          null,
          "invalid_json",
          "The request body is not valid JSON (line %d, column %d)."
              .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
    } catch (IOException e) {
      throw ApiError.invalid(null, "invalid_json", "The request body is not JSON in UTF-8.");
    }
  }

  static boolean isAbsent(ObjectNode body, String key) {
    return !body.hasNonNull(key);
  }

  String requiredText(ObjectNode body, String key) {
    String value = text(body, key);
    if (value == null) {
      throw wrong(key, "missing_required_parameter", "Missing required parameter: '" + key + "'.");
    }
    return value;
  }

  @Nullable String text(ObjectNode body, String key) {
    if (isAbsent(body, key)) {
      return null;
    }
    JsonNode value = body.get(key);
    if (!value.isTextual()) {
      throw wrongType(key, "a string", value);
    }
    String text = value.textValue();
    if (text.length() > LONGEST_NAME) {
      throw wrong(
          key,
          "invalid_value",
          "'%s' has %d characters; at most %d are taken."
              .formatted(key, text.length(), LONGEST_NAME));
    }
    return text;
  }

  ApiError wrongType(String param, String expected, JsonNode got) {
    return wrong(
        param,
        "invalid_type",
        "Invalid type for '%s': expected %s, but got %s instead."
            .formatted(param, expected, word(got)));
  }

  private static String word(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "an array";
      case OBJECT -> "an object";
      case STRING -> "a string";
      case NUMBER -> node.isIntegralNumber() ? "an integer" : "a decimal";
      case BOOLEAN -> "a boolean";
      default -> "null";
    };
  }

  Map<String, String> metadata(ObjectNode body) {
    Map<String, String> metadata = new LinkedHashMap<>();
    if (isAbsent(body, "metadata")) {
      return metadata;
    }
    JsonNode node = body.get("metadata");
    if (!node.isObject()) {
      throw wrongType("metadata", "an object", node);
    }
    for (Map.Entry<String, JsonNode> pair : node.properties()) {
      int keyLength = characters(pair.getKey());
      if (keyLength == 0 || keyLength > longestKey) {
        throw wrong(
            "metadata",
            "invalid_value",
            "A metadata key has %d characters; 1 to %d are taken."
                .formatted(keyLength, longestKey));
      }
      String param = "metadata." + pair.getKey();
      if (!pair.getValue().isTextual()) {
        throw wrongType(param, "a string", pair.getValue());
      }
      String value = pair.getValue().textValue();
      int length = characters(value);
      if (length < shortestValue || length > LONGEST_VALUE) {
        throw wrong(
            param,
            "invalid_value",
            "The value of '%s' has %d characters; %d to %d are taken."
                .formatted(param, length, shortestValue, LONGEST_VALUE));
      }
      metadata.put(pair.getKey(), value);
    }
    if (metadata.size() > mostPairs) {
      throw wrong(
          "metadata",
          "invalid_value",
          "The metadata has %d pairs; at most %d are taken.".formatted(metadata.size(), mostPairs));
    }
    return metadata;
  }

  /** Characters as Python counts them, not half ones as Java does. */
  private static int characters(String text) {
    return text.codePointCount(0, text.length());
  }

  @Nullable String deployment(ObjectNode body) {
    String name = text(body, "deployment");
    if (name != null && !DEPLOYMENT.matcher(name).matches()) {
      throw wrong("deployment", "invalid_value", "'deployment' is not the name of a deployment.");
    }
    return name;
  }

  long integer(ObjectNode body, String key, String param, long least, long most, long otherwise) {
    if (isAbsent(body, key)) {
      return otherwise;
    }
    JsonNode value = body.get(key);
    if (!value.isIntegralNumber()) {
      throw wrongType(param, "an integer", value);
    }
    if (!value.canConvertToLong() || value.longValue() < least || value.longValue() > most) {
      throw wrong(
          param,
          "invalid_value",
          "Invalid value for '%s': %s. It must be from %d to %d."
              .formatted(param, shown(value.asText()), least, most));
    }
    return value.longValue();
  }

  static String shown(String value) {
    return value.length() <= 100 ? value : value.substring(0, 100) + "…";
  }
}

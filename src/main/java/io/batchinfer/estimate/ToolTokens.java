package io.batchinfer.estimate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.json.Json;

/**
 * Tokens of the tools of a request. OpenAI's models read them in a shorter form than JSON, of which
 * the provider states the cost by its parts; other models read the JSON.
 */
final class ToolTokens {
  private static final long TOOL = 7;
  private static final long END = 12;
  private static final long PROPERTIES = 3;
  private static final long PROPERTY = 3;
  private static final long ENUM = -3;
  private static final long ENUM_ITEM = 3;

  private final Vocabulary vocabulary;
  private long tokens;

  private ToolTokens(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  /**
   * Counts tools.
   *
   * @param json the array of tools as it stands in the request
   */
  static long of(Vocabulary vocabulary, String json) {
    JsonNode tools = vocabulary.isOwn() ? read(json) : null;
    if (tools == null || !tools.isArray() || tools.isEmpty()) {
      return vocabulary.count(json);
    }
    ToolTokens count = new ToolTokens(vocabulary);
    tools.forEach(count::tool);
    return count.tokens + END;
  }

  private static JsonNode read(String json) {
    try {
      return Json.MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      // The body was read before; what its tools are is the endpoint's business.
      return Json.MAPPER.missingNode();
    }
  }

  private void tool(JsonNode tool) {
    JsonNode function = tool.path("function").isObject() ? tool.path("function") : tool;
    if (!function.path("name").isTextual()) {
      tokens += vocabulary.count(tool.toString());
      return;
    }
    tokens += TOOL;
    tokens += vocabulary.count(function.path("name").asText() + ":" + description(function));
    properties(function.path("parameters"));
  }

  private void properties(JsonNode schema) {
    JsonNode properties = schema.path("properties");
    if (properties.isObject() && !properties.isEmpty()) {
      tokens += PROPERTIES;
      properties.properties().forEach(entry -> property(entry.getKey(), entry.getValue()));
    }
  }

  private void property(String name, JsonNode schema) {
    tokens += PROPERTY;
    String type = schema.path("type").isTextual() ? schema.path("type").asText() : "";
    tokens += vocabulary.count(name + ":" + type + ":" + description(schema));
    if (schema.path("enum").isArray()) {
      tokens += ENUM;
      for (JsonNode item : schema.path("enum")) {
        tokens += ENUM_ITEM + vocabulary.count(item.asText());
      }
    }
    properties(schema);
    properties(schema.path("items"));
  }

  private static String description(JsonNode node) {
    String text = node.path("description").asText();
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }
}

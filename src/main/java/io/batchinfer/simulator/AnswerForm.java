package io.batchinfer.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the request wants in place of free text: JSON of a schema, or a call of a tool.
 *
 * @param tool name of the function to call, empty for an answer that is the JSON itself
 * @param schema of the answer or of the function's arguments
 */
record AnswerForm(Optional<String> tool, JsonNode schema) {
  /**
   * Reads what a request says.
   *
   * @param format {@code response_format} or {@code text.format}
   * @param tools {@code tools}
   * @param choice {@code tool_choice}
   * @param afterTool whether the conversation ends with what a tool answered
   * @param hash decides which tool is called where the model may choose
   */
  static Optional<AnswerForm> of(
      JsonNode format, JsonNode tools, JsonNode choice, boolean afterTool, long hash) {
    Optional<AnswerForm> call = call(tools, choice, afterTool, hash);
    return call.isPresent()
        ? call
        : schema(format).map(schema -> new AnswerForm(Optional.empty(), schema));
  }

  private static Optional<AnswerForm> call(
      JsonNode tools, JsonNode choice, boolean afterTool, long hash) {
    List<JsonNode> functions = new ArrayList<>();
    String named = function(choice).path("name").asText();
    for (JsonNode tool : tools) {
      JsonNode function = function(tool);
      boolean fits = named.isEmpty() || named.equals(function.path("name").asText());
      if (function.path("name").isTextual() && fits) {
        functions.add(function);
      }
    }
    String word = choice.isObject() ? choice.path("type").asText() : choice.asText();
    boolean mayCall = word.isEmpty() || word.equals("auto");
    if (functions.isEmpty() || word.equals("none") || (afterTool && mayCall)) {
      return Optional.empty();
    }
    JsonNode function = functions.get(Mix.below(Mix.mix(hash, 3), functions.size()));
    JsonNode parameters =
        function.has("input_schema") ? function.get("input_schema") : function.path("parameters");
    return Optional.of(
        new AnswerForm(
            Optional.of(function.path("name").asText()),
            parameters.isObject()
                ? parameters
                : JsonNodeFactory.instance.objectNode().put("type", "object")));
  }

  /** A function stands in a field of its own in chats, and flat in responses. */
  private static JsonNode function(JsonNode tool) {
    return tool.path("function").isObject() ? tool.get("function") : tool;
  }

  /** The schema, where the format has one. */
  static Optional<JsonNode> schema(JsonNode format) {
    JsonNode nested = format.at("/json_schema/schema");
    JsonNode named = format.has("value") ? format.path("value") : format.path("schema");
    JsonNode schema = nested.isMissingNode() ? named : nested;
    return format.path("type").asText().startsWith("json_") && schema.isObject()
        ? Optional.of(schema)
        : Optional.empty();
  }

  /** JSON that fits. */
  String text(long seed) {
    return SchemaAnswer.of(schema, seed).toString();
  }
}

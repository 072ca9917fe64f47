package io.batchinfer.testing.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what a batch is created with, and refuses what each dialect refuses at once. */
final class OrderReader {
  private static final Set<String> OPENAI_ENDPOINTS =
      Set.of(
          "/v1/chat/completions",
          "/v1/completions",
          "/v1/embeddings",
          "/v1/responses",
          "/v1/moderations");

  private static final Set<String> MISTRAL_ENDPOINTS =
      Set.of(
          "/v1/chat/completions",
          "/v1/embeddings",
          "/v1/fim/completions",
          "/v1/moderations",
          "/v1/chat/moderations",
          "/v1/ocr",
          "/v1/classifications",
          "/v1/chat/classifications",
          "/v1/conversations",
          "/v1/audio/transcriptions");

  private OrderReader() {}

  static BatchOrder openAi(ObjectNode body) {
    refuseUnknown(
        body,
        Set.of(
            "input_file_id", "endpoint", "completion_window", "metadata", "output_expires_after"));
    String file = required(body, "input_file_id");
    String endpoint = endpoint(body, OPENAI_ENDPOINTS);
    if (!required(body, "completion_window").equals("24h")) {
      throw new ProviderRefusal(
          400, "invalid_value", "completion_window", "Supported values are: '24h'.");
    }
    return new BatchOrder(List.of(file), endpoint, "", metadata(body, 64));
  }

  static BatchOrder mistral(ObjectNode body) {
    refuseUnknown(
        body, Set.of("input_files", "endpoint", "model", "agent_id", "metadata", "timeout_hours"));
    List<String> files = new ArrayList<>();
    for (JsonNode file : body.path("input_files")) {
      if (!file.isTextual()) {
        throw new ProviderRefusal(422, "invalid_type", "input_files", "Not a text: " + file);
      }
      files.add(file.asText());
    }
    if (files.isEmpty()) {
      throw new ProviderRefusal(422, "missing", "input_files", "Give at least one input file.");
    }
    JsonNode hours = body.path("timeout_hours");
    if (!hours.isMissingNode() && (!hours.isInt() || hours.asInt() < 1 || hours.asInt() > 168)) {
      throw new ProviderRefusal(422, "invalid_value", "timeout_hours", "Expected 1 to 168.");
    }
    return new BatchOrder(
        files,
        endpoint(body, MISTRAL_ENDPOINTS),
        body.path("model").asText(""),
        metadata(body, 32));
  }

  private static void refuseUnknown(ObjectNode body, Set<String> known) {
    body.fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                throw new ProviderRefusal(
                    400, "unknown_parameter", name, "Unknown parameter: '" + name + "'.");
              }
            });
  }

  private static String required(ObjectNode body, String name) {
    if (!body.path(name).isTextual()) {
      throw new ProviderRefusal(
          400, "missing_required_parameter", name, "Missing required parameter: '" + name + "'.");
    }
    return body.path(name).asText();
  }

  private static String endpoint(ObjectNode body, Set<String> supported) {
    String endpoint = required(body, "endpoint");
    if (!supported.contains(endpoint)) {
      throw new ProviderRefusal(
          400, "invalid_value", "endpoint", "Invalid value: '" + endpoint + "'.");
    }
    return endpoint;
  }

  private static Map<String, String> metadata(ObjectNode body, int longestKey) {
    JsonNode metadata = body.path("metadata");
    if (metadata.isMissingNode() || metadata.isNull()) {
      return Map.of();
    }
    if (!metadata.isObject() || metadata.size() > 16) {
      throw new ProviderRefusal(
          400, "invalid_type", "metadata", "Expected an object of at most 16 pairs.");
    }
    Map<String, String> pairs = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> pair : metadata.properties()) {
      String key = pair.getKey();
      String value = pair.getValue().asText();
      if (!pair.getValue().isTextual() || value.length() > 512 || key.length() > longestKey) {
        throw new ProviderRefusal(
            400,
            "invalid_type",
            "metadata." + key,
            "Expected a text of at most 512 characters under a key of at most " + longestKey);
      }
      pairs.put(key, value);
    }
    return pairs;
  }
}

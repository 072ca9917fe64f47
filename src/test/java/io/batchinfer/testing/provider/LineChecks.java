package io.batchinfer.testing.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the lines of one batch as strictly as the real providers do. Codes are OpenAI's where a
 * source names one, and Azure's for what only they name.
 */
final class LineChecks {
  /** A model that no batch may name. */
  static final String UNKNOWN_MODEL = "no-such-model";

  private final ProviderSettings settings;
  private final String endpoint;
  private final String jobModel;
  private final List<BatchRow> rows = new ArrayList<>();
  private final List<LineError> errors = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();
  private String model;
  private int line;
  private long inputs;

  /**
   * Reads nothing yet.
   *
   * @param jobModel the model of lines that name none; empty where each must
   */
  LineChecks(ProviderSettings settings, String endpoint, String jobModel) {
    this.settings = settings;
    this.endpoint = endpoint;
    this.jobModel = jobModel;
    this.model = jobModel;
  }

  void read(byte[] file) {
    String text = new String(file, StandardCharsets.UTF_8);
    for (String each : text.split("\r?\n", -1)) {
      line++;
      if (!each.isBlank()) {
        readLine(each);
      }
    }
  }

  /** What is wrong with the whole; empty where the batch can begin. */
  List<LineError> errors() {
    List<LineError> all = new ArrayList<>(errors);
    if (rows.isEmpty() && errors.isEmpty()) {
      all.add(new LineError("empty_file", 0, "", "The input file is empty."));
    }
    if (rows.size() > settings.limits().lines()) {
      all.add(
          new LineError(
              "too_many_tasks", 0, "", "The number of requests exceeds the maximum of a batch."));
    }
    if (inputs > settings.limits().embeddingInputs()) {
      // No source names this code.
      all.add(
          new LineError(
              "too_many_inputs", 0, "", "The number of inputs exceeds the maximum of a batch."));
    }
    return all;
  }

  List<BatchRow> rows() {
    return rows;
  }

  private boolean isOpenAi() {
    return settings.dialect() == ProviderDialect.OPENAI;
  }

  private void wrong(String code, String param, String message) {
    errors.add(new LineError(code, line, param, message));
  }

  private void readLine(String text) {
    JsonNode read;
    try {
      read = Json.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      wrong("invalid_json_line", "", "This line is not parseable as valid JSON.");
      return;
    }
    if (!(read instanceof ObjectNode request)) {
      wrong("invalid_json_line", "", "This line is not a JSON object.");
      return;
    }
    for (String field : isOpenAi() ? List.of("custom_id", "method", "url", "body") : ids()) {
      if (request.path(field).isMissingNode() || request.path(field).isNull()) {
        wrong("missing_required_parameter", field, "Missing required parameter: '" + field + "'.");
        return;
      }
    }
    String id = request.path("custom_id").asText();
    if (!request.path("custom_id").isTextual() || !ids.add(id)) {
      wrong("duplicate_custom_id", "custom_id", "The custom ID is no text, or not the only one.");
    } else if (isOpenAi() && !request.path("method").asText().equals("POST")) {
      wrong("invalid_method", "method", "Only POST is allowed.");
    } else if (isOpenAi() && !request.path("url").asText().equals(endpoint)) {
      wrong("invalid_url", "url", "The URL does not match the batch endpoint.");
    } else if (!(request.path("body") instanceof ObjectNode)) {
      wrong("invalid_type", "body", "The body is not an object.");
    } else if (isGood(request.path("body"))) {
      JsonNode body = request.path("body");
      rows.add(
          new BatchRow(
              id,
              RowAnswers.hash(body),
              RowAnswers.promptTokens(body),
              RowAnswers.isRefused(body)));
    }
  }

  private static List<String> ids() {
    return List.of("custom_id", "body");
  }

  private boolean isGood(JsonNode body) {
    String named = body.path("model").asText();
    String its = named.isEmpty() ? jobModel : named;
    boolean chat = endpoint.equals("/v1/chat/completions");
    JsonNode input = body.path("input");
    if (its.isEmpty()) {
      wrong("invalid_request", "body.model", "Model parameter is required.");
    } else if (its.equals(UNKNOWN_MODEL)) {
      wrong("model_not_found", "body.model", "The model is not supported by the Batch API.");
    } else if (!model.isEmpty() && !its.equals(model)) {
      wrong("mismatched_model", "", "Each batch must contain requests for a single model");
    } else if (body.path("stream").asBoolean()) {
      wrong("streaming_unsupported", "body.stream", "Streaming is not supported in the Batch API.");
    } else if (chat && (!body.path("messages").isArray() || body.path("messages").isEmpty())) {
      wrong("invalid_request", "body.messages", "Messages parameter is required.");
    } else if (endpoint.equals("/v1/embeddings") && input.isMissingNode()) {
      wrong("invalid_request", "body.input", "Input parameter is required.");
    } else {
      model = its;
      inputs += input.isArray() && !input.path(0).isNumber() ? input.size() : 1;
      return true;
    }
    return false;
  }
}

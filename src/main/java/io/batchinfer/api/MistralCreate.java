package io.batchinfer.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.json.Json;
import io.batchinfer.store.CreateRequest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the body of Mistral's {@code POST /v1/batch/jobs}. */
public final class MistralCreate extends CreateFields {
  /** Endpoints that Mistral's batch API knows. */
  public static final List<String> ENDPOINTS =
      List.of(
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

  private static final int MOST_INLINE = 10_000;
  private static final int MOST_FILES = 1000;

  /** Mistral names no limit. */
  private static final int MOST_PAIRS = 100;

  private static final int LONGEST_KEY = 32;
  private static final int SHORTEST_VALUE = 1;

  private final List<String> more;

  /**
   * @param more endpoints that are taken beside Mistral's own
   */
  public MistralCreate(List<String> more) {
    super(MOST_PAIRS, LONGEST_KEY, SHORTEST_VALUE);
    this.more = List.copyOf(more);
  }

  @Override
  ApiError wrong(String param, String code, String message) {
    return ApiError.unprocessable(param, code, message);
  }

  /**
   * A request as a client would send it; nothing about it is checked.
   *
   * @param model null where only the lines name one
   * @param deployment null for none
   * @param timeoutHours null for the default
   */
  public static byte[] write(
      String endpoint,
      @Nullable String model,
      List<String> inputFiles,
      Map<String, String> metadata,
      @Nullable Long timeoutHours,
      @Nullable String deployment) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("endpoint", endpoint);
    body.put("model", model);
    ArrayNode files = body.putArray("input_files");
    inputFiles.forEach(files::add);
    ObjectNode pairs = body.putObject("metadata");
    metadata.forEach(pairs::put);
    body.put("timeout_hours", timeoutHours);
    body.put("deployment", deployment);
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads a request.
   *
   * @throws ApiError naming the first field that is wrong
   */
  public CreateRequest read(byte[] json) {
    ObjectNode body = parse(json);
    String endpoint = requiredText(body, "endpoint");
    if (!endpoints().contains(endpoint)) {
      throw wrong(
          "endpoint",
          "invalid_value",
          "Invalid value: '%s'. Supported values are: %s."
              .formatted(shown(endpoint), String.join(", ", endpoints())));
    }
    boolean inline = !isAbsent(body, "requests");
    boolean files = !isAbsent(body, "input_files") && !body.get("input_files").isEmpty();
    if (inline && files) {
      throw wrong(
          "requests", "invalid_value", "Give either 'input_files' or 'requests', not both.");
    }
    if (!inline && !files) {
      throw wrong(
          "input_files",
          "missing_required_parameter",
          "Missing required parameter: give 'input_files' or 'requests'.");
    }
    List<String> inputFiles = files ? inputFiles(body.get("input_files")) : List.of();
    byte @Nullable [] lines = inline ? lines(body.get("requests")) : null;
    return new CreateRequest(
        endpoint,
        inputFiles,
        lines,
        inline ? body.get("requests").size() : 0,
        text(body, "model"),
        text(body, "agent_id"),
        deployment(body),
        metadata(body),
        integer(body, "timeout_hours", "timeout_hours", 1, 168, 24),
        null);
  }

  private Set<String> endpoints() {
    Set<String> all = new LinkedHashSet<>(ENDPOINTS);
    all.addAll(more);
    return all;
  }

  private List<String> inputFiles(JsonNode node) {
    if (!node.isArray()) {
      throw wrongType("input_files", "an array", node);
    }
    if (node.size() > MOST_FILES) {
      throw wrong(
          "input_files",
          "invalid_value",
          "A job takes at most %d input files, not %d.".formatted(MOST_FILES, node.size()));
    }
    List<String> ids = new ArrayList<>();
    for (JsonNode id : node) {
      if (!id.isTextual()) {
        throw wrongType("input_files", "an array of strings", id);
      }
      if (!ids.contains(id.textValue())) {
        ids.add(id.textValue());
      }
    }
    return ids;
  }

  private byte[] lines(JsonNode requests) {
    if (!requests.isArray()) {
      throw wrongType("requests", "an array", requests);
    }
    if (requests.isEmpty() || requests.size() > MOST_INLINE) {
      throw wrong(
          "requests",
          "invalid_value",
          "A job takes 1 to %,d requests of its own, not %,d; upload a file for more."
              .formatted(MOST_INLINE, requests.size()));
    }
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    int index = 0;
    for (JsonNode request : requests) {
      lines.writeBytes(line(request, "requests." + index));
      lines.write('\n');
      index++;
    }
    return lines.toByteArray();
  }

  private byte[] line(JsonNode request, String param) {
    if (!request.isObject()) {
      throw wrongType(param, "an object", request);
    }
    JsonNode body = request.path("body");
    if (!body.isObject()) {
      throw wrong(
          param + ".body",
          "missing_required_parameter",
          "Missing required parameter: '%s.body', an object.".formatted(param));
    }
    JsonNode customId = request.path("custom_id");
    if (!customId.isMissingNode() && !customId.isNull() && !customId.isTextual()) {
      throw wrongType(param + ".custom_id", "a string", customId);
    }
    ObjectNode line = Json.MAPPER.createObjectNode();
    line.put("custom_id", customId.textValue());
    line.set("body", body);
    try {
      return Json.MAPPER.writeValueAsBytes(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that was read is always writable", e);
    }
  }
}

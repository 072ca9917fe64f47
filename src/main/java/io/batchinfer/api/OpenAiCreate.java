package io.batchinfer.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.store.CreateRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the body of OpenAI's {@code POST /v1/batches}. */
public final class OpenAiCreate extends CreateFields {
  private static final String WINDOW = "24h";
  private static final double HOURS = 24;
  private static final int MOST_PAIRS = 16;
  private static final int LONGEST_KEY = 64;

  private final List<String> endpoints;

  /**
   * @param endpoints endpoints that are taken
   */
  public OpenAiCreate(List<String> endpoints) {
    super(MOST_PAIRS, LONGEST_KEY, 0);
    this.endpoints = List.copyOf(endpoints);
  }

  @Override
  ApiError wrong(String param, String code, String message) {
    return ApiError.invalid(param, code, message);
  }

  /**
   * Reads a request.
   *
   * @throws ApiError naming the first field that is wrong
   */
  public CreateRequest read(byte[] json) {
    ObjectNode body = parse(json);
    String file = requiredText(body, "input_file_id");
    String endpoint = requiredText(body, "endpoint");
    if (!endpoints.contains(endpoint)) {
      throw wrong(
          "endpoint",
          "invalid_value",
          "Invalid value: '%s'. Supported values are: %s."
              .formatted(shown(endpoint), String.join(", ", quoted())));
    }
    String window = requiredText(body, "completion_window");
    if (!window.equals(WINDOW)) {
      throw wrong(
          "completion_window",
          "invalid_value",
          "Invalid value: '%s'. Supported values are: '24h'.".formatted(shown(window)));
    }
    return new CreateRequest(
        endpoint,
        List.of(file),
        null,
        0,
        text(body, "model"),
        null,
        deployment(body),
        metadata(body),
        HOURS,
        outputExpires(body));
  }

  private List<String> quoted() {
    return endpoints.stream().map(endpoint -> "'" + endpoint + "'").toList();
  }

  private @Nullable Long outputExpires(ObjectNode body) {
    if (isAbsent(body, "output_expires_after")) {
      return null;
    }
    JsonNode after = body.get("output_expires_after");
    if (!(after instanceof ObjectNode object)) {
      throw wrongType("output_expires_after", "an object", after);
    }
    String anchor = requiredText(object, "anchor");
    if (!anchor.equals("created_at")) {
      throw wrong(
          "output_expires_after.anchor",
          "invalid_value",
          "Invalid value: '%s'. Supported values are: 'created_at'.".formatted(shown(anchor)));
    }
    if (isAbsent(object, "seconds")) {
      throw wrong(
          "output_expires_after.seconds",
          "missing_required_parameter",
          "Missing required parameter: 'output_expires_after.seconds'.");
    }
    return integer(object, "seconds", "output_expires_after.seconds", 3600, 2_592_000, 0);
  }
}

package io.batchinfer.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.json.AsciiJson;
import io.batchinfer.json.Json;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A refusal of the HTTP API, in a form that both providers' clients understand. */
public final class ApiError extends RuntimeException {
  private static final String INVALID = "invalid_request_error";

  private final int status;
  private final String type;
  private final @Nullable String param;
  private final @Nullable String code;

  /**
   * @param status HTTP status
   * @param type kind of error in the providers' words
   * @param param what of the request is wrong, or null
   * @param code stable name, or null
   */
  public ApiError(
      int status, String type, @Nullable String param, @Nullable String code, String message) {
    super(message, null, false, false);
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
  }

  /** 400: the request as it stands can never be served. */
  public static ApiError invalid(@Nullable String param, @Nullable String code, String message) {
    return new ApiError(400, INVALID, param, code, message);
  }

  /** 422: a field of a request of Mistral's API is wrong. */
  public static ApiError unprocessable(String param, String code, String message) {
    return new ApiError(422, INVALID, param, code, message);
  }

  /** 404, which also answers for what belongs to another workspace. */
  public static ApiError notFound(String message) {
    return new ApiError(404, INVALID, null, "not_found", message);
  }

  /** 409: what there is does not allow it. */
  public static ApiError conflict(String message) {
    return new ApiError(409, INVALID, null, null, message);
  }

  /** 413: the request or a part of it is too large. */
  public static ApiError tooLarge(@Nullable String param, String message) {
    return new ApiError(413, INVALID, param, "too_large", message);
  }

  public int status() {
    return status;
  }

  /** What of the request is wrong, where it is one thing. */
  public Optional<String> param() {
    return Optional.ofNullable(param);
  }

  /** Whether the same request could be answered otherwise a moment later. */
  public boolean mayPass() {
    return status == 408 || (status == 429 && !"pending_limit".equals(code)) || status >= 500;
  }

  /** The body of the answer. */
  public byte[] json() {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("object", "error");
    put(node);
    put(node.putObject("error"));
    if (status == 422) {
      ObjectNode detail = node.putArray("detail").addObject();
      List<String> path = param == null ? List.of() : List.of(param.split("\\."));
      detail.putArray("loc").add("body");
      path.forEach(detail.withArray("loc")::add);
      detail.put("msg", getMessage());
      detail.put("type", code == null ? "value_error" : code);
    }
    return AsciiJson.bytes(node);
  }

  private void put(ObjectNode node) {
    node.put("message", getMessage());
    node.put("type", type);
    node.put("param", param);
    node.put("code", code);
  }
}

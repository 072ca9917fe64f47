package io.batchinfer.simulator;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What can go wrong on demand: by a rate in the settings, or by a marker such as {@code
 * [[fault:http_503]]} or {@code [[fault:http_503*2]]} (only the first two attempts) in a request.
 */
public enum Fault {
  HTTP_400(400, "invalid_request_error", null, "The simulated endpoint refuses this request."),
  HTTP_401(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
  HTTP_403(403, "permission_error", "permission_denied", "The key may not use this endpoint."),
  HTTP_404(404, "invalid_request_error", "not_found", "The requested resource does not exist."),
  HTTP_408(408, "timeout_error", "request_timeout", "The request took too long to arrive."),
  HTTP_413(413, "invalid_request_error", "request_too_large", "The request is too large."),
  HTTP_422(422, "invalid_request_error", "unprocessable", "The request cannot be processed."),
  HTTP_429(429, "requests", "rate_limit_exceeded", "Rate limit reached."),
  HTTP_500(500, "server_error", "internal_error", "The server had an error."),
  HTTP_502(502, "server_error", "bad_gateway", "Bad gateway."),
  HTTP_503(503, "server_error", "overloaded", "The engine is overloaded."),
  HTTP_504(504, "server_error", "gateway_timeout", "Gateway time-out."),
  /** 400 as for a prompt that is longer than the model's context. */
  CONTEXT_LENGTH(
      400,
      "invalid_request_error",
      "context_length_exceeded",
      "This model's maximum context length is exceeded."),
  /** 404 as for a model that is not served. */
  MODEL_NOT_FOUND(404, "invalid_request_error", "model_not_found", "The model does not exist."),
  /** 429 that waiting does not cure. */
  INSUFFICIENT_QUOTA(
      429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota."),
  /** The connection is reset before the status line. */
  RESET_BEFORE_ANSWER,
  /** The connection is reset after half of the body. */
  RESET_MID_BODY,
  /** Nothing is ever answered; the slot stays taken until the client gives up. */
  HANG,
  /** A good answer whose body arrives in small pieces over {@link SimulatorSettings#slowBody()}. */
  SLOW_BODY,
  /** A complete 200 whose JSON ends in the middle. */
  TRUNCATED_JSON,
  /** A complete 200 that claims to be JSON and is not. */
  INVALID_JSON,
  /** A complete 200 without a body. */
  EMPTY_BODY,
  /** A 200 whose JSON is an error object. */
  ERROR_WITH_200,
  /** A page of HTML with status 200, as from a proxy. */
  WRONG_CONTENT_TYPE,
  /** An answer whose text is in a code fence. */
  UNFIT_FENCED,
  /** An answer with words around its text. */
  UNFIT_TEXT_AROUND,
  /** An answer whose JSON has one key more. */
  UNFIT_EXTRA_KEY,
  /** An answer whose JSON has another type under its first key. */
  UNFIT_WRONG_TYPE,
  /** An answer that ends in the middle of its text, as by its token limit. */
  UNFIT_CUT_OFF,
  /** An answer that ends in the middle of its text, and does not say so. */
  UNFIT_BROKEN,
  /** An answer with an empty text. */
  UNFIT_EMPTY,
  /** An answer of words where JSON was asked for. */
  UNFIT_PROSE,
  /** A 307 to another host, which no client should follow. */
  REDIRECT,
  /** A valid 200 of {@link SimulatorSettings#oversizedBodyBytes()} without a Content-Length. */
  OVERSIZED_BODY,
  /** A good answer whose text contains the value of the Authorization header. */
  ECHO_AUTHORIZATION,
  /** A 400 whose message contains the value of the Authorization header. */
  ECHO_AUTHORIZATION_IN_ERROR;

  private final int status;
  private final String type;
  private final Optional<String> code;
  private final String message;

  Fault() {
    this(200, "", null, "");
  }

  Fault(int status, String type, @Nullable String code, String message) {
    this.status = status;
    this.type = type;
    this.code = Optional.ofNullable(code);
    this.message = message;
  }

  /** The name used in markers and flags, in lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The fault with this {@link #label()}, in any case; {@code -} counts as {@code _}. */
  public static Optional<Fault> ofLabel(String label) {
    String name = label.toUpperCase(Locale.ROOT).replace('-', '_');
    for (Fault fault : values()) {
      if (fault.name().equals(name)) {
        return Optional.of(fault);
      }
    }
    return Optional.empty();
  }

  boolean isRefusal() {
    return status >= 400;
  }

  Refusal refusal() {
    return new Refusal(status, type, code, Optional.empty(), message);
  }
}

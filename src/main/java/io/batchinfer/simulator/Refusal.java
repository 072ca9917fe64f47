package io.batchinfer.simulator;

import java.util.Optional;

/** An error answer, before it takes the shape of a provider. */
record Refusal(
    int status, String type, Optional<String> code, Optional<String> parameter, String message) {

  static Refusal badRequest(String code, String parameter, String message) {
    return new Refusal(
        400, "invalid_request_error", Optional.of(code), Optional.of(parameter), message);
  }

  static Refusal of(int status, String type, String code, String message) {
    return new Refusal(status, type, Optional.of(code), Optional.empty(), message);
  }

  Refusal withMessage(String other) {
    return new Refusal(status, type, code, parameter, other);
  }
}

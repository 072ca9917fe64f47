package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.model.BatchException;
import io.batchinfer.storage.StorageException;
import io.batchinfer.store.RefusedRequest;

/** What a failure is to the caller. */
final class Refusals {
  private Refusals() {}

  static ApiError of(Throwable failure) {
    if (failure instanceof ApiError error) {
      return error;
    }
    if (failure instanceof RefusedRequest refused) {
      return new ApiError(
          refused.kind() == RefusedRequest.Kind.MISSING ? 404 : 400,
          "invalid_request_error",
          refused.field().orElse(null),
          refused.code().orElse(null),
          String.valueOf(refused.getMessage()));
    }
    if (failure instanceof BatchException known) {
      String message = String.valueOf(known.getMessage());
      return switch (known.code()) {
        case NOT_FOUND -> ApiError.notFound(message);
        case CONFLICT -> ApiError.conflict(message);
        case PENDING_LIMIT ->
            new ApiError(429, "rate_limit_error", null, known.code().code(), message);
        case OWNED_BY_ANOTHER_RUN ->
            new ApiError(
                503,
                "server_error",
                null,
                "not_ready",
                "The service is not in charge of its store at the moment; nothing was changed. Try again later.");
        case USAGE, INVALID_INPUT -> ApiError.invalid(null, known.code().code(), message);
        default -> internal();
      };
    }
    if (failure instanceof StorageException) {
      return new ApiError(
          503,
          "server_error",
          null,
          "storage_failed",
          "The service cannot use its storage at the moment; try again later.");
    }
    return internal();
  }

  private static ApiError internal() {
    return new ApiError(
        500,
        "server_error",
        null,
        "internal",
        "The service failed to answer; its log has more under the request id.");
  }
}

package io.batchinfer.model;

import org.jspecify.annotations.Nullable;

/**
 * A failure that ends a command, reported to its user in one message: what happened with the value,
 * why, and what to do. Never carries a key, a header value, a prompt or a body.
 */
public final class BatchException extends RuntimeException {
  private final ErrorCode code;

  public BatchException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public BatchException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public ErrorCode code() {
    return code;
  }
}

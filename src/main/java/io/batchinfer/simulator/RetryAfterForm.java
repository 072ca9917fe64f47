package io.batchinfer.simulator;

/** How a refusal says when to come back. */
public enum RetryAfterForm {
  /** {@code Retry-After: 7}, rounded up. */
  SECONDS,
  /** {@code Retry-After} with an HTTP date, rounded up. */
  HTTP_DATE,
  /** {@code retry-after-ms: 6500} alone. */
  MILLISECONDS,
  /** No such header. */
  NONE
}

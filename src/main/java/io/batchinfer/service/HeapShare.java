package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import java.util.concurrent.atomic.AtomicLong;

/** The part of the heap that callers' bytes of one kind may take up, all together. Thread-safe. */
final class HeapShare {
  private final long most;
  private final AtomicLong held = new AtomicLong();

  /**
   * @param most bytes at a time
   */
  HeapShare(long most) {
    this.most = most;
  }

  /** Whether so much could be taken if nothing else were held. */
  boolean fits(long bytes) {
    return bytes <= most;
  }

  /** Takes so many bytes, which must be given back; false where there are not so many left. */
  boolean take(long bytes) {
    if (held.addAndGet(bytes) <= most) {
      return true;
    }
    held.addAndGet(-bytes);
    return false;
  }

  void give(long bytes) {
    held.addAndGet(-bytes);
  }

  /** Whether more than half is held. */
  boolean isTight() {
    return held.get() > most / 2;
  }

  /** The refusal of what may find room a moment later. */
  static ApiError overloaded() {
    return new ApiError(
        503,
        "server_error",
        null,
        "overloaded",
        "The service holds too much of other requests at the moment; try again in a moment.");
  }
}

package io.batchinfer.testing.provider;

import java.util.Locale;

/** Where a batch is, and what both dialects call it. */
enum BatchStatus {
  VALIDATING("QUEUED"),
  IN_PROGRESS("RUNNING"),
  FINALIZING("RUNNING"),
  COMPLETED("SUCCESS"),
  FAILED("FAILED"),
  EXPIRED("TIMEOUT_EXCEEDED"),
  CANCELLING("CANCELLATION_REQUESTED"),
  CANCELLED("CANCELLED");

  private final String mistral;

  BatchStatus(String mistral) {
    this.mistral = mistral;
  }

  String openAi() {
    return name().toLowerCase(Locale.ROOT);
  }

  String mistral() {
    return mistral;
  }

  boolean isOver() {
    return switch (this) {
      case COMPLETED, FAILED, EXPIRED, CANCELLED -> true;
      case VALIDATING, IN_PROGRESS, FINALIZING, CANCELLING -> false;
    };
  }
}

package io.batchinfer.launch;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.spark.SparkAtHand;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Why a run failed, as it is reported.
 *
 * @param code what kind of failure it is; {@link ErrorCode#INTERNAL} for what nobody foresaw
 * @param message for the user
 */
public record RunFailure(ErrorCode code, String message) {
  /** The failure that has words for the user, which Spark may have wrapped. */
  public static RunFailure of(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof BatchException known) {
        return new RunFailure(known.code(), String.valueOf(known.getMessage()));
      }
    }
    Optional<BatchException> refusal = SparkAtHand.here().refusal(thrown);
    if (refusal.isPresent()) {
      return of(refusal.get());
    }
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof StorageException storage) {
        return new RunFailure(ErrorCode.STORAGE_FAILED, String.valueOf(storage.getMessage()));
      }
    }
    if (isOfEndedSpark(thrown)) {
      return new RunFailure(
          ErrorCode.INTERRUPTED,
          "Spark ended the application: its master is gone, or the application was killed. What was answered is saved; give the same command again.");
    }
    if (thrown instanceof IOException || thrown instanceof UncheckedIOException) {
      return new RunFailure(
          ErrorCode.STORAGE_FAILED, "Reading or writing failed: " + thrown.getMessage() + ".");
    }
    return new RunFailure(
        ErrorCode.INTERNAL,
        "A defect of this program: %s. Run it again with --verbose and report what it prints; what was answered is saved."
            .formatted(thrown));
  }

  /** Spark says so only in words. */
  private static boolean isOfEndedSpark(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (message.startsWith("Cannot call methods on a stopped SparkContext")
          || message.contains("because SparkContext was shut down")) {
        return true;
      }
    }
    return false;
  }
}

package io.batchinfer.table.stage;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.StorageException;
import java.util.function.Supplier;
import org.apache.spark.SparkThrowable;
import org.jspecify.annotations.Nullable;

/** Why a table could not be read, in words for its user. */
final class TableFailure {
  private TableFailure() {}

  /** Does work on a table, whose failures are told in words for its user. */
  static <T> T reading(Supplier<T> work) {
    try {
      return work.get();
    } catch (Exception e) {
      // Scala declares no checked exception, and throws them.
      throw of(e);
    }
  }

  private static RuntimeException of(Exception thrown) {
    @Nullable String why = null;
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof BatchException || cause instanceof StorageException) {
        return (RuntimeException) cause;
      }
      if (cause instanceof InterruptedException && thrown instanceof RuntimeException interrupted) {
        return interrupted;
      }
      if (cause instanceof SparkThrowable && cause.getMessage() != null) {
        why = cause.getMessage();
      } else if (why == null && cause.getCause() == null) {
        why = String.valueOf(cause.getMessage());
      }
    }
    return new BatchException(
        ErrorCode.INVALID_INPUT,
        "The table cannot be read; nothing was sent. Spark says: %s"
            .formatted(String.valueOf(why).strip()),
        thrown);
  }
}

package io.batchinfer.table.stage;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.StorageException;
import io.batchinfer.table.render.SparkFailures;
import java.util.function.Supplier;
import org.apache.spark.SparkThrowable;
import org.jspecify.annotations.Nullable;

/** Why a table could not be read, in words for its user. */
final class TableFailure {
  /** Spark's word for a job that somebody cancelled: this run, which is to end, or a user. */
  private static final String CANCELLED = "SPARK_JOB_CANCELLED";

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
      if (cause instanceof SparkThrowable spark && CANCELLED.equals(spark.getCondition())) {
        return new BatchException(
            ErrorCode.INTERRUPTED,
            "Reading the table was cancelled; nothing was sent, and what was staged is deleted. The same command starts again.",
            thrown);
      }
      if (cause instanceof SparkThrowable || cause.getCause() == null) {
        why = cause.getMessage() == null ? why : cause.getMessage();
      }
    }
    String words = firstWords(why == null ? thrown.getClass().getSimpleName() : why);
    return SparkFailures.ofExpression(thrown)
        .orElseGet(
            () ->
                new BatchException(
                    ErrorCode.INVALID_INPUT,
                    "The table cannot be read; nothing was sent. Spark says: %s".formatted(words),
                    thrown));
  }

  /** What goes before a stack trace, which a task's failure has as text. */
  private static String firstWords(String message) {
    StringBuilder words = new StringBuilder();
    for (String line : message.lines().toList()) {
      if (line.startsWith("\tat ") || line.startsWith("Driver stacktrace")) {
        break;
      }
      words.append(line).append('\n');
    }
    return words.toString().strip();
  }
}

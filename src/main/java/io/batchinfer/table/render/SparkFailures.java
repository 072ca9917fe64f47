package io.batchinfer.table.render;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.QueryContext;
import org.apache.spark.SparkThrowable;
import org.jspecify.annotations.Nullable;

/** What Spark says when it cannot compute the columns of a table, in a user's words. */
public final class SparkFailures {
  /** SQLSTATE classes: data exceptions, and routines of the user that failed. */
  private static final Set<String> DATA = Set.of("22", "38", "39");

  /** Spark's own conditions in a message: {@code [DIVIDE_BY_ZERO] Division by zero…}. */
  private static final Pattern CONDITION =
      Pattern.compile("\\[([A-Z][A-Z0-9_.]+)] (.*?)\\s*SQLSTATE: ([0-9A-Z]{2})", Pattern.DOTALL);

  private static final int MOST_SHOWN = 500;

  private SparkFailures() {}

  /**
   * The failure of a query because of what an expression met in a row: a cast, a division, a
   * function of the user's own. Empty for any other failure, such as a file that cannot be read.
   *
   * @param failure as Spark threw it, on the driver or from a task
   */
  public static Optional<BatchException> ofExpression(Throwable failure) {
    Set<Throwable> seen = new HashSet<>();
    @Nullable Throwable cause = failure;
    while (cause != null && seen.add(cause)) {
      if (cause instanceof SparkThrowable spark && isData(spark.getSqlState())) {
        return Optional.of(inRow(words(cause) + fragment(spark), failure));
      }
      cause = cause.getCause();
    }
    // A task's failure may reach the driver as text alone.
    Matcher told = CONDITION.matcher(String.valueOf(failure.getMessage()));
    while (told.find()) {
      if (isData(told.group(3))) {
        return Optional.of(inRow(cut("[" + told.group(1) + "] " + told.group(2)), failure));
      }
    }
    return Optional.empty();
  }

  private static BatchException inRow(String words, Throwable cause) {
    return new BatchException(
        ErrorCode.INVALID_INPUT,
        "An expression failed for a row of the table: %s. Nothing was sent. Mend the row, leave it out, or let the expression give null for it, with try_cast, try_divide and their like; a null makes it an error row."
            .formatted(words.endsWith(".") ? words.substring(0, words.length() - 1) : words),
        cause);
  }

  private static boolean isData(@Nullable String state) {
    return state != null && state.length() >= 2 && DATA.contains(state.substring(0, 2));
  }

  private static String fragment(SparkThrowable failure) {
    for (QueryContext context : failure.getQueryContext()) {
      String fragment = context.fragment();
      if (fragment != null && !fragment.isBlank()) {
        return " (in \"" + cut(fragment.strip()) + "\")";
      }
    }
    return "";
  }

  /** Spark's message without its plans, places and codes of other systems. */
  static String words(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    int end = message.indexOf("SQLSTATE");
    if (end < 0) {
      end = message.indexOf("\n\n");
    }
    return cut((end < 0 ? message : message.substring(0, end)).replaceAll("\\s+", " ").strip());
  }

  private static String cut(String text) {
    return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "…";
  }
}

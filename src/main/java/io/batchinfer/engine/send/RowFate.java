package io.batchinfer.engine.send;

import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.row.ParsedLine.Request;
import org.jspecify.annotations.Nullable;

/** What becomes of a row that is open and was just read. */
sealed interface RowFate {
  /** It goes out. */
  record Sent(Request request) implements RowFate {}

  /**
   * It ends without being sent.
   *
   * @param customId null where it has none
   */
  record Unsent(@Nullable String customId, Unanswered outcome) implements RowFate {}

  /**
   * Workers died of it; it may have run.
   *
   * @param customId null where it has none
   */
  record Blamed(@Nullable String customId) implements RowFate {}
}

package io.batchinfer.engine.send;

import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.remote.RemoteLine;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.RecordedOutcome;
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
   * It gets an answer that exists already.
   *
   * @param customId null where it has none
   * @param output the earlier output that it is from; empty for an equal row of the same job
   * @param answer as the row ended that has it, with what it would have cost
   */
  record Copied(@Nullable String customId, String output, RecordedOutcome answer)
      implements RowFate {}

  /**
   * The provider's batch service has dealt with it.
   *
   * @param line what the service said of it last
   * @param attempts batches that it was in
   */
  record Fetched(Request request, RemoteLine line, int attempts) implements RowFate {}

  /** It is equal to a row that has no answer yet, and is left out until that has one. */
  RowFate WAITS = new Waits();

  /** See {@link #WAITS}. */
  record Waits() implements RowFate {}

  /**
   * Workers died of it; it may have run.
   *
   * @param customId null where it has none
   */
  record Blamed(@Nullable String customId) implements RowFate {}
}

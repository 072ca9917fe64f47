package io.batchinfer.client;

import io.batchinfer.policy.RowHistory;
import java.util.concurrent.CompletionStage;

/** One way to make an attempt. The stage never completes exceptionally. */
@FunctionalInterface
public interface AttemptChannel {
  /**
   * Makes one attempt for a row.
   *
   * @param history what became of the row's attempts before
   */
  CompletionStage<Attempt> attempt(OutboundRequest request, RowHistory history);
}

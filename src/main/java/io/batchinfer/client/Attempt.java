package io.batchinfer.client;

import io.batchinfer.model.ReplyFacts;
import io.batchinfer.policy.StatusMeaning;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of one attempt.
 *
 * @param reply the answer, or null when there is none
 * @param facts what the answer's body says, or null when there is none
 * @param failure why there is no answer, or null when there is one
 * @param retryAfter how long the endpoint asks to wait
 */
public record Attempt(
    StatusMeaning meaning,
    @Nullable Reply reply,
    @Nullable ReplyFacts facts,
    @Nullable TransportException failure,
    Optional<Duration> retryAfter) {

  /** Whether the endpoint may have done the work without our having its answer. */
  public boolean mayHaveRun() {
    return meaning.retry() == StatusMeaning.Retry.AMBIGUOUS
        || (failure != null && failure.kind().mayHaveRun());
  }
}

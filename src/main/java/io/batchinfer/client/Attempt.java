package io.batchinfer.client;

import io.batchinfer.model.ReplyFacts;
import io.batchinfer.policy.StatusMeaning;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
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

  /**
   * An attempt that ended in a way that nobody foresaw. It may have run.
   *
   * @param thrown why, or null if even that is not known
   */
  public static Attempt broken(@Nullable Throwable thrown) {
    Throwable cause = causeOf(thrown);
    return new Attempt(
        StatusMeaning.CONNECTION_LOST,
        null,
        null,
        new TransportException(
            TransportException.Kind.CONNECTION_LOST, "unexpected failure: " + cause, cause),
        Optional.empty());
  }

  /** What a stage failed of, without what the stage wraps it in. */
  public static @Nullable Throwable causeOf(@Nullable Throwable thrown) {
    return thrown instanceof CompletionException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
  }

  /** Whether the endpoint may have done the work without our having its answer. */
  public boolean mayHaveRun() {
    return meaning.retry() == StatusMeaning.Retry.AMBIGUOUS
        || (failure != null && failure.kind().mayHaveRun());
  }
}

package io.batchinfer.client;

import io.batchinfer.policy.RowHistory;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Makes an attempt of whatever a channel throws, Errors included, so that the slot and the row of
 * the attempt are never left behind. Thread-safe.
 */
final class NeverThrowChannel implements AttemptChannel {
  private final AttemptChannel channel;
  private final Consumer<Throwable> unexpected;

  /**
   * @param unexpected is told what was thrown
   */
  NeverThrowChannel(AttemptChannel channel, Consumer<Throwable> unexpected) {
    this.channel = channel;
    this.unexpected = unexpected;
  }

  @Override
  public CompletionStage<Attempt> attempt(OutboundRequest request, RowHistory history) {
    try {
      return Objects.requireNonNull(channel.attempt(request, history), "no stage of an attempt")
          .handle((attempt, failure) -> attempt == null ? broken(failure) : attempt);
    } catch (Throwable thrown) {
      return CompletableFuture.completedFuture(broken(thrown));
    }
  }

  private Attempt broken(Throwable thrown) {
    Attempt attempt = Attempt.broken(thrown);
    unexpected.accept(thrown);
    return attempt;
  }
}

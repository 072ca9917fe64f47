package io.batchinfer.engine.send;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Settlement;
import io.batchinfer.client.SettlingChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps account of the memory that answers take, each until all is done that depends on it.
 * Thread-safe.
 */
final class MeasuredChannel implements SettlingChannel {
  private final SettlingChannel channel;
  private final Supplier<AnswerMemory.Answer> expected;

  /**
   * @param expected makes the account of one more answer
   */
  MeasuredChannel(SettlingChannel channel, Supplier<AnswerMemory.Answer> expected) {
    this.channel = channel;
    this.expected = expected;
  }

  @Override
  public CompletionStage<Settlement> send(OutboundRequest request, boolean suspect) {
    AnswerMemory.Answer answer = expected.get();
    CompletableFuture<Settlement> settled = new CompletableFuture<>();
    CompletionStage<Settlement> unused =
        channel
            .send(request.heardBy(answer), suspect)
            .whenComplete(
                (settlement, thrown) -> {
                  try {
                    if (settlement == null) {
                      settled.completeExceptionally(thrown);
                    } else {
                      settled.complete(settlement);
                    }
                  } finally {
                    answer.over(bytes(settlement));
                  }
                });
    return settled;
  }

  private static long bytes(@Nullable Settlement settlement) {
    @Nullable Reply reply = settlement == null ? null : settlement.last().reply();
    return reply == null ? 0 : reply.body().length;
  }
}

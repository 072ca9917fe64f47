package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Settlement;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.policy.StatusMeaning;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Memory that answers take, until all is done that depends on them. */
class MeasuredChannelTest {
  private static final OutboundRequest REQUEST =
      new OutboundRequest("/v1/embeddings", new OutboundRequest.Json(new byte[0]), Map.of(), 1);

  private final AnswerMemory memory =
      new AnswerMemory(() -> 64L << 20, () -> 0, () -> 0, words -> {});
  private final List<CompletableFuture<Settlement>> sent = new ArrayList<>();
  private final List<Boolean> suspects = new ArrayList<>();
  private final MeasuredChannel channel =
      new MeasuredChannel(
          (request, suspect) -> {
            CompletableFuture<Settlement> settled = new CompletableFuture<>();
            sent.add(settled);
            suspects.add(suspect);
            return settled;
          },
          memory::expect);

  private static Settlement answered(byte @Nullable [] body) {
    @Nullable Reply reply =
        body == null ? null : new Reply(200, name -> null, body, Reply.Form.WHOLE);
    return new Settlement(
        new Attempt(StatusMeaning.ANSWERED, reply, ReplyFacts.NOT_JSON, null, Optional.empty()),
        1,
        0,
        0,
        false);
  }

  @Test
  void theSizeOfAWholeAnswerIsWhatTheNextAreExpectedToTake() {
    long first = memory.held(1);
    CompletionStage<Settlement> stage = channel.send(REQUEST, false);
    Settlement settlement = answered(new byte[1 << 20]);
    List<Long> heldWhileSettling = new ArrayList<>();
    CompletionStage<Void> unused = stage.thenAccept(any -> heldWhileSettling.add(memory.held(1)));

    sent.get(0).complete(settlement);

    // Counted when those who wait for it have done what they do with it.
    assertThat(heldWhileSettling).containsExactly(first);
    assertThat(memory.held(1)).isEqualTo(2L << 20);
    assertThat(stage.toCompletableFuture()).isCompletedWithValue(settlement);
  }

  @Test
  void oneWithoutAnAnswerTellsNothingOfSizes() {
    long before = memory.held(1);
    CompletionStage<Settlement> none = channel.send(REQUEST, true);
    sent.get(0).complete(answered(null));
    CompletionStage<Settlement> broken = channel.send(REQUEST, false);
    sent.get(1).completeExceptionally(new IllegalStateException("scripted"));

    assertThat(memory.held(1)).isEqualTo(before);
    assertThat(none.toCompletableFuture()).isCompleted();
    assertThat(broken.toCompletableFuture()).isCompletedExceptionally();
    assertThat(suspects).containsExactly(true, false);
  }
}

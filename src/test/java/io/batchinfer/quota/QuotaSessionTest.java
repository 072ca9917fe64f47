package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.ReplicaChannel;
import io.batchinfer.policy.Neighbours;
import io.batchinfer.quota.QuotaReply.Elsewhere;
import io.batchinfer.quota.QuotaReply.ForReplica;
import io.batchinfer.quota.QuotaReply.Leave;
import io.batchinfer.quota.QuotaReply.Rate;
import io.batchinfer.quota.QuotaReply.Rows;
import io.batchinfer.quota.QuotaReply.Slots;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A session whose questions the test answers itself, when it likes. */
class QuotaSessionTest {
  private static final Duration FENCE = Duration.ofSeconds(5);

  private final VirtualTime time = new VirtualTime();
  private final Deque<CompletableFuture<QuotaReply>> questions = new ArrayDeque<>();
  private int sent;
  private final QuotaSession session =
      new QuotaSession(
          "session",
          request -> {
            CompletableFuture<QuotaReply> answer = new CompletableFuture<>();
            questions.add(answer);
            return answer;
          },
          time.elapsed(),
          time,
          time,
          () -> Progress.ZERO,
          reply -> StatedLimits.NONE);

  private void start(int replicas) {
    var limited =
        session.limit(
            IntStream.range(0, replicas)
                .mapToObj(
                    place ->
                        ReplicaChannel.guarded(
                            "replica-" + place,
                            (request, history) -> {
                              sent++;
                              return new CompletableFuture<>();
                            },
                            time))
                .toList());
    session.start(
        () -> {},
        thrown -> {
          throw new AssertionError("the session broke", thrown);
        });
    for (int i = 0; i < 10; i++) {
      limited.attempt(
          new OutboundRequest("/v1/embeddings", new OutboundRequest.Json(new byte[0]), Map.of(), 1),
          new Neighbours().newRow());
    }
  }

  private static QuotaReply slots(int slots) {
    return reply(slots, List.of());
  }

  private static QuotaReply reply(int slots, List<ForReplica> named) {
    return new QuotaReply(
        slots,
        named,
        Rows.NONE,
        Rate.UNLIMITED,
        new Leave(FENCE.toNanos(), 0, List.of(), false),
        0);
  }

  @Test
  void theFenceCountsFromTheQuestionAndNotFromItsAnswer() {
    start(1);
    time.advance(Duration.ofSeconds(3));

    questions.remove().complete(slots(4));
    assertThat(sent).isEqualTo(4);
    assertThat(session.maySend()).isTrue();

    assertThat(questions).isEmpty();
    time.advance(Duration.ofMillis(1_999));
    assertThat(session.maySend()).isTrue();
    time.advance(Duration.ofMillis(2));
    assertThat(session.maySend()).isFalse();
  }

  @Test
  void anAnswerThatTookLongerThanTheFenceLetsNothingOut() {
    start(1);
    time.advance(FENCE);

    questions.remove().complete(slots(4));

    assertThat(session.maySend()).isFalse();
    assertThat(sent).isZero();
  }

  @Test
  void slotsOfReplicasThatItDoesNotKnowAreNoneAndTheSessionGoesOnAsking() {
    start(3);
    questions.remove().complete(reply(0, List.of(own("replica-9", 4))));
    assertThat(sent).isZero();
    time.advance(Duration.ofSeconds(1));
    assertThat(questions).hasSize(1);

    questions
        .remove()
        .complete(reply(0, List.of(own("replica-2", 2), own("replica-9", 4), own("replica-0", 1))));

    assertThat(sent).isEqualTo(3);
  }

  private static ForReplica own(String name, int slots) {
    return new ForReplica(name, new Slots(slots, 1), ReplicaOrder.OPEN, Elsewhere.NOTHING);
  }

  @Test
  void whoReadsAheadHearsOfMoreSlotsOnly() {
    AtomicInteger heard = new AtomicInteger();
    session.onMoreSlots(heard::incrementAndGet);
    start(1);
    int[] granted = {4, 4, 2, 8};
    int[] expected = {1, 1, 1, 2};
    for (int i = 0; i < granted.length; i++) {
      questions.remove().complete(slots(granted[i]));
      assertThat(heard).as("after " + granted[i] + " slots").hasValue(expected[i]);
      time.advance(Duration.ofSeconds(1));
    }
  }
}

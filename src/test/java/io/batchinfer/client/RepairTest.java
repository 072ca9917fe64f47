package io.batchinfer.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Misfit;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.testing.VirtualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Rows whose answers do not fit their schema are asked again. */
class RepairTest {
  private static final Misfit MISMATCH = new Misfit(ErrorCode.SCHEMA_MISMATCH, "no");
  private static final Misfit CUT = new Misfit(ErrorCode.ANSWER_CUT_OFF, "cut");

  private final VirtualTime time = new VirtualTime();

  /** Statuses, or words for answers; {@code wait} is never answered. */
  private final ArrayDeque<String> script = new ArrayDeque<>();

  private final List<String> keys = new ArrayList<>();

  private RetryingChannel channel(int maxAttempts, int repairs) {
    return ChannelStack.assemble(
        List.of(this::transport),
        replicas -> replicas.get(0)::attempt,
        new RetryRule(maxAttempts, 1).withRepairs(repairs),
        (request, reply) -> new AnswerReader.Reading(reply, facts(reply)),
        time,
        time,
        time.clock(),
        thrown -> {
          throw new AssertionError(thrown);
        });
  }

  private CompletionStage<Reply> transport(OutboundRequest request) {
    keys.add(String.valueOf(request.headers().get(OutboundRequest.IDEMPOTENCY_KEY)));
    String next = Objects.requireNonNull(script.poll(), "one request too many");
    if (next.equals("wait")) {
      return new CompletableFuture<>();
    }
    int status = next.matches("\\d+") ? Integer.parseInt(next) : 200;
    return CompletableFuture.completedFuture(
        new Reply(status, name -> null, next.getBytes(StandardCharsets.UTF_8)));
  }

  private static ReplyFacts facts(Reply reply) {
    String word = new String(reply.body(), StandardCharsets.UTF_8);
    ReplyFacts facts =
        new ReplyFacts(true, reply.isSuccess() ? new Usage(3, 4) : Usage.NONE, "", "");
    return switch (word) {
      case "misfit" -> facts.with(MISMATCH);
      case "cut" -> facts.with(CUT);
      default -> facts;
    };
  }

  private CompletableFuture<Settlement> sent(RetryingChannel channel, String... answers) {
    script.addAll(List.of(answers));
    OutboundRequest request =
        new OutboundRequest(
            "/v1/chat/completions",
            new OutboundRequest.Json(new byte[] {'{', '}'}),
            Map.of(OutboundRequest.IDEMPOTENCY_KEY, "k"),
            10);
    CompletableFuture<Settlement> settled = channel.send(request).toCompletableFuture();
    time.advance(Duration.ofMinutes(10));
    return settled;
  }

  private Settlement settled(int maxAttempts, int repairs, String... answers) {
    CompletableFuture<Settlement> settled = sent(channel(maxAttempts, repairs), answers);
    assertThat(settled).isCompleted();
    assertThat(script).isEmpty();
    return settled.join();
  }

  private static boolean fits(Settlement settlement) {
    ReplyFacts facts = Objects.requireNonNull(settlement.last().facts());
    return settlement.last().meaning() == StatusMeaning.ANSWERED && facts.misfit().isEmpty();
  }

  @Test
  void aBetterAnswerDecidesAndAllAreCounted() {
    Settlement settlement = settled(5, 3, "misfit", "misfit", "fits");

    assertThat(fits(settlement)).isTrue();
    assertThat(settlement.attempts()).isEqualTo(3);
    assertThat(settlement.usedBefore()).isEqualTo(new Usage(6, 8));
    assertThat(keys).containsExactly("k", "k-1", "k-2");
  }

  @Test
  void withoutRepairsTheFirstAnswerDecides() {
    Settlement settlement = settled(5, 0, "misfit");

    assertThat(fits(settlement)).isFalse();
    assertThat(settlement.usedBefore()).isEqualTo(Usage.NONE);
  }

  @Test
  void repairsAreLimitedByTheirNumberAndByAllAttempts() {
    assertThat(settled(5, 2, "misfit", "misfit", "misfit").attempts()).isEqualTo(3);
    assertThat(settled(3, 9, "503", "misfit", "misfit").attempts()).isEqualTo(3);
  }

  @Test
  void whatWasCutOffIsNotAskedForAgain() {
    assertThat(settled(5, 3, "cut").attempts()).isEqualTo(1);
    assertThat(settled(5, 3, "misfit", "cut").usedBefore()).isEqualTo(new Usage(3, 4));
  }

  @Test
  void anAnswerThatWasPaidForIsNotLostToAFailureOfTheNext() {
    Settlement settlement = settled(3, 3, "misfit", "500", "500");

    ReplyFacts facts = Objects.requireNonNull(settlement.last().facts());
    assertThat(settlement.last().meaning()).isEqualTo(StatusMeaning.ANSWERED);
    assertThat(facts.misfit()).contains(MISMATCH);
    assertThat(settlement.attempts()).isEqualTo(3);
    assertThat(settlement.usedBefore()).isEqualTo(Usage.NONE);
    assertThat(settled(5, 3, "misfit", "402").last().meaning()).isEqualTo(StatusMeaning.ANSWERED);
  }

  @Test
  void norToTheEndOfTheRun() {
    RetryingChannel channel = channel(5, 3);
    CompletableFuture<Settlement> settled = sent(channel, "misfit", "misfit", "wait");
    assertThat(settled).isNotDone();

    channel.settleRepaired();

    assertThat(settled).isCompleted();
    assertThat(fits(settled.join())).isFalse();
    assertThat(settled.join().usedBefore()).isEqualTo(new Usage(3, 4));
  }
}

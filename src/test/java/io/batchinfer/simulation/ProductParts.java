package io.batchinfer.simulation;

import io.batchinfer.client.AnswerReader;
import io.batchinfer.client.ChannelStack;
import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.RetryingChannel;
import io.batchinfer.client.Settlement;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.quota.EndpointQuota;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaGroup;
import io.batchinfer.quota.QuotaLimits;
import io.batchinfer.quota.QuotaReply;
import io.batchinfer.quota.QuotaRequest;
import io.batchinfer.quota.QuotaSession;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The one place that makes the objects under test, as the engine and the driver make them. */
final class ProductParts {
  static final Duration FENCE = Duration.ofSeconds(10);
  static final int MAX_ATTEMPTS = 5;
  static final int AMBIGUOUS_RESENDS = 1;

  private ProductParts() {}

  /** The driver's side. */
  static final class Driver {
    private final QuotaAuthority authority;

    Driver(Scenario scenario, ProcessTime time) {
      QuotaLimits limits =
          new QuotaLimits(
              scenario.concurrency,
              scenario.requestsPerMinute,
              scenario.tokensPerMinute,
              scenario.maxCoolDown);
      authority =
          new QuotaAuthority(
              new EndpointQuota(limits, time, time),
              QuotaGroup.of(1),
              List.of(),
              FENCE,
              scenario.requestTimeout.plus(FENCE),
              () -> true);
    }

    CompletionStage<byte[]> ask(byte[] message) {
      return authority.ask(QuotaRequest.decode(message)).thenApply(QuotaReply::encode);
    }

    Optional<String> stopReason() {
      return authority.stopReason().map(reason -> reason.code().code());
    }
  }

  /** The executor's side. */
  static final class Sender {
    private final QuotaSession session;
    private final RetryingChannel channel;

    Sender(
        String id,
        ProcessTime time,
        Random chance,
        Function<byte[], CompletionStage<byte[]>> driver,
        Function<Sender, List<InferenceChannel>> transports) {
      session =
          new QuotaSession(
              id,
              request -> driver.apply(request.encode()).thenApply(QuotaReply::decode),
              time.elapsed(),
              time,
              time,
              () -> QuotaRequest.Progress.ZERO,
              reply -> QuotaRequest.StatedLimits.NONE);
      channel =
          ChannelStack.assemble(
              transports.apply(this),
              session::limit,
              new RetryRule(MAX_ATTEMPTS, AMBIGUOUS_RESENDS, chance::nextDouble),
              (request, reply) -> new AnswerReader.Reading(reply, Row.facts(reply.body())),
              time,
              time,
              time.clock(),
              Sender::broken);
    }

    private static void broken(Throwable thrown) {
      throw new AssertionError("the stack broke", thrown);
    }

    void start(Runnable whenStopped) {
      session.start(whenStopped, Sender::broken);
    }

    CompletionStage<Settlement> send(OutboundRequest request) {
      return channel.send(request);
    }

    boolean maySend() {
      return session.maySend();
    }

    int slots() {
      return session.slots();
    }
  }
}

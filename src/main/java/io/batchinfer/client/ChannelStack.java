package io.batchinfer.client;

import io.batchinfer.model.ReplyFacts;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Composes what a request passes through on its way out. */
public final class ChannelStack {
  private ChannelStack() {}

  /**
   * From outside in: retry, quota, choice of a replica, circuit breaker, classification, transport.
   * Retry is outermost, so that every attempt pays for itself.
   *
   * @param transports one for each base URL
   * @param quota puts the shared limits in front of the replicas
   * @param reader what the body of an answer says
   * @param clock the wall clock, for dates in answers
   * @param unexpected is told what transports and readers throw that they should not; a row whose
   *     answer cannot be read keeps the answer
   */
  public static RetryingChannel assemble(
      List<? extends InferenceChannel> transports,
      Function<List<ReplicaChannel>, AttemptChannel> quota,
      RetryRule rule,
      AnswerReader reader,
      Ticker ticker,
      Scheduler scheduler,
      Clock clock,
      Consumer<Throwable> unexpected) {
    AnswerReader safeReader = guarded(reader, unexpected);
    List<ReplicaChannel> replicas = new ArrayList<>();
    Map<String, Integer> named = new HashMap<>();
    for (InferenceChannel transport : transports) {
      AttemptChannel attempts = new ClassifyingChannel(transport, safeReader, clock);
      replicas.add(
          ReplicaChannel.guarded(
              // One that is given twice is two: each has its own connections.
              numbered(transport.name(), named.merge(transport.name(), 1, Integer::sum)),
              new NeverThrowChannel(attempts, unexpected),
              transport.silentConnections(),
              ticker));
    }
    return new RetryingChannel(quota.apply(replicas), rule, scheduler);
  }

  private static String numbered(String name, int time) {
    return time == 1 ? name : name + " (" + time + ")";
  }

  /** An answer that a reader fails on is there all the same, and paid for. */
  private static AnswerReader guarded(AnswerReader reader, Consumer<Throwable> unexpected) {
    return (request, reply) -> {
      try {
        return reader.read(request, reply);
      } catch (RuntimeException | StackOverflowError e) {
        unexpected.accept(e);
        return new AnswerReader.Reading(reply, ReplyFacts.NOT_JSON);
      }
    };
  }
}

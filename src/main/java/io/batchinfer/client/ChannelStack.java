package io.batchinfer.client;

import io.batchinfer.policy.RetryRule;
import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
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
   */
  public static RetryingChannel assemble(
      List<? extends InferenceChannel> transports,
      Function<List<Replica>, AttemptChannel> quota,
      RetryRule rule,
      AnswerReader reader,
      Ticker ticker,
      Scheduler scheduler,
      Clock clock) {
    List<Replica> replicas = new ArrayList<>();
    for (InferenceChannel transport : transports) {
      replicas.add(
          Replica.guarded(
              new ClassifyingChannel(transport, reader, clock),
              transport.silentConnections(),
              ticker));
    }
    return new RetryingChannel(quota.apply(replicas), rule, scheduler);
  }
}

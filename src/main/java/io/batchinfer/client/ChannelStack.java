package io.batchinfer.client;

import io.batchinfer.model.ReplyFacts;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.time.Scheduler;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Composes what a request passes through on its way out. */
public final class ChannelStack {
  private static final CircuitBreakerConfig BREAKER =
      CircuitBreakerConfig.custom()
          .failureRateThreshold(50)
          .slidingWindowSize(50)
          .minimumNumberOfCalls(20)
          .waitDurationInOpenState(Duration.ofSeconds(1))
          .permittedNumberOfCallsInHalfOpenState(4)
          .automaticTransitionFromOpenToHalfOpenEnabled(false)
          .build();

  private ChannelStack() {}

  /**
   * From outside in: retry, quota, circuit breaker, classification, transport. Retry is outermost,
   * so that every attempt pays for itself; a held-back attempt has its permit but no request under
   * way.
   *
   * @param quota puts the shared limits in front of a channel
   * @param reader what the body of an answer says
   */
  public static RetryingChannel assemble(
      InferenceChannel transport,
      UnaryOperator<AttemptChannel> quota,
      RetryRule rule,
      Function<byte[], ReplyFacts> reader,
      Scheduler scheduler,
      Clock clock) {
    AttemptChannel classified = new ClassifyingChannel(transport, reader, clock);
    CircuitBreakerConfig breaker = CircuitBreakerConfig.from(BREAKER).clock(clock).build();
    AttemptChannel guarded =
        new BreakerChannel(classified, CircuitBreaker.of("endpoint", breaker), scheduler);
    return new RetryingChannel(quota.apply(guarded), rule, scheduler);
  }
}

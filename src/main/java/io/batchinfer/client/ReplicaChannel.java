package io.batchinfer.client;

import io.batchinfer.policy.RowHistory;
import io.batchinfer.policy.SilentConnections;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.policy.StatusMeaning.Breaker;
import io.batchinfer.time.Ticker;
import io.batchinfer.time.TickerClock;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * One of the base URLs of a job, behind its circuit breaker: while it fails most attempts, only a
 * few go there to see whether it is back. Thread-safe.
 */
public final class ReplicaChannel {
  private static final Duration FIRST_LOOK = Duration.ofSeconds(1);
  private static final Duration LAST_LOOK = Duration.ofSeconds(5);

  private static final CircuitBreakerConfig BREAKER =
      CircuitBreakerConfig.custom()
          .failureRateThreshold(80)
          .slidingWindowType(SlidingWindowType.TIME_BASED)
          .slidingWindowSize(5)
          .minimumNumberOfCalls(10)
          .waitIntervalFunctionInOpenState(
              IntervalFunction.ofExponentialBackoff(FIRST_LOOK, 1.5, LAST_LOOK))
          .permittedNumberOfCallsInHalfOpenState(2)
          .automaticTransitionFromOpenToHalfOpenEnabled(false)
          .build();

  private final String name;
  private final AttemptChannel channel;
  private final SilentConnections silent;
  private final CircuitBreaker breaker;

  private ReplicaChannel(
      String name, AttemptChannel channel, SilentConnections silent, CircuitBreaker breaker) {
    this.name = name;
    this.channel = channel;
    this.silent = silent;
    this.breaker = breaker;
  }

  /** Puts a breaker in front of a channel. */
  public static ReplicaChannel guarded(String name, AttemptChannel channel, Ticker ticker) {
    return guarded(name, channel, SilentConnections.UNKNOWN, ticker);
  }

  /**
   * Puts a breaker in front of a channel.
   *
   * @param name what tells it from others, the same in every process
   * @param silent its connections on which it does not answer
   */
  public static ReplicaChannel guarded(
      String name, AttemptChannel channel, SilentConnections silent, Ticker ticker) {
    CircuitBreakerConfig config =
        CircuitBreakerConfig.from(BREAKER).clock(new TickerClock(ticker)).build();
    return new ReplicaChannel(name, channel, silent, CircuitBreaker.of("replica", config));
  }

  /** What tells it from others, the same in every process. */
  public String name() {
    return name;
  }

  /** Its connections on which it does not answer. */
  public SilentConnections silent() {
    return silent;
  }

  /** Whether attempts go there without restraint. */
  public boolean isHealthy() {
    return breaker.getState() == State.CLOSED;
  }

  /** Whether one attempt may go there now. After true, {@link #attempt} must follow. */
  public boolean tryAcquire() {
    return breaker.tryAcquirePermission();
  }

  /** Forgets what failed: it is known otherwise whether the replica is there. */
  public void reset() {
    breaker.reset();
  }

  /** Makes an attempt that was let in. The stage never completes exceptionally. */
  public CompletionStage<Attempt> attempt(OutboundRequest request, RowHistory history) {
    return channel
        .attempt(request, history)
        .whenComplete((attempt, unused) -> report(attempt.meaning()));
  }

  private void report(StatusMeaning meaning) {
    if (meaning.breaker() == Breaker.SUCCESS) {
      breaker.onSuccess(0, TimeUnit.NANOSECONDS);
    } else if (meaning.breaker() == Breaker.FAILURE) {
      breaker.onError(0, TimeUnit.NANOSECONDS, new FailedAttempt());
    } else {
      breaker.releasePermission();
    }
  }

  /** Stands for every failure, whose own story is told by the attempt. */
  private static final class FailedAttempt extends RuntimeException {
    FailedAttempt() {
      super("the endpoint failed the attempt", null, false, false);
    }
  }
}

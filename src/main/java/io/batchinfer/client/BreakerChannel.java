package io.batchinfer.client;

import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.policy.StatusMeaning.Breaker;
import io.batchinfer.time.Scheduler;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Holds attempts back while an endpoint fails most of them. An attempt that is held back waits; it
 * neither fails nor counts.
 */
final class BreakerChannel implements AttemptChannel {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final AttemptChannel next;
  private final CircuitBreaker breaker;
  private final Scheduler scheduler;

  BreakerChannel(AttemptChannel next, CircuitBreaker breaker, Scheduler scheduler) {
    this.next = next;
    this.breaker = breaker;
    this.scheduler = scheduler;
  }

  @Override
  public CompletionStage<Attempt> attempt(OutboundRequest request) {
    if (breaker.tryAcquirePermission()) {
      return next.attempt(request).whenComplete((attempt, unused) -> report(attempt.meaning()));
    }
    CompletableFuture<Attempt> result = new CompletableFuture<>();
    scheduler.schedule(
        () -> attempt(request).whenComplete((attempt, unused) -> result.complete(attempt)),
        LOOK_AGAIN);
    return result;
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

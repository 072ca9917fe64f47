package io.batchinfer.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Optional;

/** Counts requests and tokens in fixed windows from an origin. Thread-safe. */
final class WindowLimiter {
  private final long originNanos;

  @GuardedBy("this")
  private long window;

  @GuardedBy("this")
  private long requests;

  @GuardedBy("this")
  private long tokens;

  /** What the current window has left. */
  record Standing(
      long requestsPerMinute,
      long requestsLeft,
      long tokensPerMinute,
      long tokensLeft,
      long nanosToReset) {}

  /** Which limit refused a request. */
  enum Exceeded {
    REQUESTS,
    TOKENS
  }

  WindowLimiter(long originNanos) {
    this.originNanos = originNanos;
  }

  /**
   * Admits a request of so many tokens, or says which limit it would break. What is larger than a
   * whole window passes at the window's start.
   */
  synchronized Optional<Exceeded> admit(RateLimits limits, long nowNanos, long cost) {
    roll(limits, nowNanos);
    boolean atAdmission = limits.charge() == Charge.AT_ADMISSION;
    if (requests >= limits.requestsPerWindow()) {
      return Optional.of(Exceeded.REQUESTS);
    }
    long most = limits.tokensPerWindow();
    boolean fits = atAdmission ? tokens == 0 || tokens + cost <= most : tokens < most;
    if (!fits) {
      return Optional.of(Exceeded.TOKENS);
    }
    if (atAdmission) {
      requests++;
      tokens += cost;
    }
    return Optional.empty();
  }

  /** Counts an answered request, where answers are what counts. */
  synchronized void complete(RateLimits limits, long nowNanos, long usedTokens) {
    if (limits.charge() == Charge.AT_COMPLETION) {
      roll(limits, nowNanos);
      requests++;
      tokens += usedTokens;
    }
  }

  synchronized Standing standing(RateLimits limits, long nowNanos) {
    roll(limits, nowNanos);
    long length = limits.window().toNanos();
    return new Standing(
        limits.requestsPerMinute(),
        Math.max(0, limits.requestsPerWindow() - requests),
        limits.tokensPerMinute(),
        Math.max(0, limits.tokensPerWindow() - tokens),
        length - (nowNanos - originNanos) % length);
  }

  synchronized void clear() {
    requests = 0;
    tokens = 0;
  }

  @GuardedBy("this")
  private void roll(RateLimits limits, long nowNanos) {
    long current = (nowNanos - originNanos) / limits.window().toNanos();
    if (current != window) {
      window = current;
      requests = 0;
      tokens = 0;
    }
  }
}

package io.batchinfer.simulator;

import java.time.Duration;

/**
 * Limits over fixed windows. A window grants its share of the limits per minute, at least one.
 *
 * @param requestsPerMinute 0 for no limit
 * @param tokensPerMinute 0 for no limit
 * @param window length of one window
 * @param charge when requests and tokens count
 */
public record RateLimits(
    long requestsPerMinute, long tokensPerMinute, Duration window, Charge charge) {
  /** No limits. */
  public static final RateLimits NONE =
      new RateLimits(0, 0, Duration.ofSeconds(60), Charge.AT_ADMISSION);

  public RateLimits {
    if (requestsPerMinute < 0 || tokensPerMinute < 0) {
      throw new IllegalArgumentException("limits per minute cannot be negative; 0 means none");
    }
    if (window.isZero() || window.isNegative()) {
      throw new IllegalArgumentException("the window of a limit must be longer than 0");
    }
  }

  boolean isLimited() {
    return requestsPerMinute > 0 || tokensPerMinute > 0;
  }

  long requestsPerWindow() {
    return perWindow(requestsPerMinute);
  }

  long tokensPerWindow() {
    return perWindow(tokensPerMinute);
  }

  private long perWindow(long perMinute) {
    if (perMinute == 0) {
      return Long.MAX_VALUE;
    }
    double minutes = window.toNanos() / (double) Duration.ofMinutes(1).toNanos();
    return Math.max(1, Math.round(perMinute * minutes));
  }
}

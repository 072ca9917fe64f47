package io.batchinfer.quota;

import java.time.Duration;

/**
 * What may be asked of an endpoint, over the whole cluster.
 *
 * @param concurrency attempts under way at once, 0 to find out what the endpoint can stand
 * @param requestsPerMinute 0 for no limit
 * @param tokensPerMinute 0 for no limit
 * @param maxCoolDown longest pause that an endpoint may ask for before the job stops
 */
public record QuotaLimits(
    int concurrency, long requestsPerMinute, long tokensPerMinute, Duration maxCoolDown) {
  /** Most attempts at once at one base URL when the concurrency is found out. */
  public static final int MOST_ADAPTIVE = 1_024;

  public QuotaLimits {
    if (concurrency < 0 || requestsPerMinute < 0 || tokensPerMinute < 0) {
      throw new IllegalArgumentException("limits are not negative");
    }
  }

  public boolean isAdaptive() {
    return concurrency == 0;
  }
}

package io.batchinfer.quota;

import java.time.Duration;

/**
 * What a run may ask of its endpoint, over the whole cluster.
 *
 * @param concurrency attempts under way at once
 * @param requestsPerMinute 0 for no limit
 * @param tokensPerMinute 0 for no limit
 * @param maxCoolDown longest pause that an endpoint may ask for before the job stops
 */
public record QuotaLimits(
    int concurrency, long requestsPerMinute, long tokensPerMinute, Duration maxCoolDown) {
  public QuotaLimits {
    if (concurrency < 1) {
      throw new IllegalArgumentException("concurrency is at least 1, not " + concurrency);
    }
  }
}

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

  /** Of each two limits the smaller one. */
  QuotaLimits smallest(QuotaLimits other) {
    return new QuotaLimits(
        (int) smaller(concurrency, other.concurrency),
        smaller(requestsPerMinute, other.requestsPerMinute),
        smaller(tokensPerMinute, other.tokensPerMinute),
        maxCoolDown.compareTo(other.maxCoolDown) < 0 ? maxCoolDown : other.maxCoolDown);
  }

  private static long smaller(long one, long other) {
    return one == 0 || other == 0 ? Math.max(one, other) : Math.min(one, other);
  }
}

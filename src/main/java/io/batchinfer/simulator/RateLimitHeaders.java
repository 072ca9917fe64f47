package io.batchinfer.simulator;

import io.vertx.core.MultiMap;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The providers' headers about limits and about when to come back. */
final class RateLimitHeaders {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long MILLIS_PER_SECOND = 1_000;

  private RateLimitHeaders() {}

  static void writeStanding(
      MultiMap headers, ProviderStyle style, WindowLimiter.Standing standing, long cost) {
    boolean requests = standing.requestsPerMinute() > 0;
    boolean tokens = standing.tokensPerMinute() > 0;
    switch (style) {
      case OPENAI -> {
        String reset = "%dms".formatted(ceil(standing.nanosToReset(), NANOS_PER_MILLI));
        if (requests) {
          put(headers, "x-ratelimit-limit-requests", standing.requestsPerMinute());
          put(headers, "x-ratelimit-remaining-requests", standing.requestsLeft());
          headers.set("x-ratelimit-reset-requests", reset);
        }
        if (tokens) {
          put(headers, "x-ratelimit-limit-tokens", standing.tokensPerMinute());
          put(headers, "x-ratelimit-remaining-tokens", standing.tokensLeft());
          headers.set("x-ratelimit-reset-tokens", reset);
        }
      }
      case MISTRAL -> {
        if (requests) {
          put(headers, "x-ratelimit-limit-req-minute", standing.requestsPerMinute());
          put(headers, "x-ratelimit-remaining-req-minute", standing.requestsLeft());
        }
        if (tokens) {
          put(headers, "x-ratelimit-limit-tokens-minute", standing.tokensPerMinute());
          put(headers, "x-ratelimit-remaining-tokens-minute", standing.tokensLeft());
          put(headers, "x-ratelimit-tokens-query-cost", cost);
        }
      }
    }
  }

  /** Rounded up, so that coming back exactly then is never too early. */
  static void writeRetryAfter(
      MultiMap headers, RetryAfterForm form, Duration wait, long nowMillis) {
    long millis = ceil(wait.toNanos(), NANOS_PER_MILLI);
    switch (form) {
      case SECONDS -> put(headers, "retry-after", ceil(millis, MILLIS_PER_SECOND));
      case MILLISECONDS -> put(headers, "retry-after-ms", millis);
      case HTTP_DATE ->
          headers.set(
              "retry-after",
              DateTimeFormatter.RFC_1123_DATE_TIME.format(
                  Instant.ofEpochSecond(ceil(nowMillis + millis, MILLIS_PER_SECOND))
                      .atOffset(ZoneOffset.UTC)));
      case NONE -> {}
    }
  }

  private static void put(MultiMap headers, String name, long value) {
    headers.set(name, Long.toString(value));
  }

  private static long ceil(long amount, long unit) {
    return (amount + unit - 1) / unit;
  }
}

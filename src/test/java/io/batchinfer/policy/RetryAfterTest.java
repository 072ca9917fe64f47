package io.batchinfer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static Optional<Duration> pause(Map<String, String> headers, boolean overLimit) {
    return RetryAfter.of(
        name -> {
          @Nullable String value = headers.get(name);
          return value;
        },
        overLimit,
        NOW);
  }

  private static Optional<Duration> pause(Map<String, String> headers) {
    return pause(headers, true);
  }

  @ParameterizedTest
  @CsvSource({
    "retry-after,7,7000",
    "retry-after,' 7 ',7000",
    "retry-after,0.25,250",
    "retry-after,0,0",
    "retry-after,2s,2000",
    "retry-after,20ms,20",
    "retry-after,6m0s,360000",
    "retry-after,1h2m,3720000",
    "retry-after,0m3.5s,3500",
    "retry-after,PT2S,2000",
    "retry-after,2026-01-01T00:00:03Z,3000",
    "retry-after,2026-01-01T01:00:03+01:00,3000",
    "retry-after,2025-12-31T23:59:00Z,0",
    "retry-after-ms,1500,1500",
    "retry-after-ms,12.5,12",
    "retry-after,'Thu, 01 Jan 2026 00:01:30 GMT',90000",
    "retry-after,'Wed, 31 Dec 2025 23:59:00 GMT',0",
    "x-ratelimit-reset-requests,2,2000",
    "x-ratelimit-reset,1767225603,3000",
    "x-ratelimit-reset,1767225603500,3500",
    "ratelimit-reset,3,3000",
    "anthropic-ratelimit-tokens-reset,2026-01-01T00:00:03Z,3000"
  })
  void everyFormIsRead(String header, String value, long millis) {
    assertThat(pause(Map.of(header, value)).map(Duration::toMillis)).hasValue(millis);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "soon",
        "NaN",
        "Infinity",
        "1e300",
        "",
        " ",
        "2026-01-01",
        "1, 4",
        "2x",
        "s",
        "-2s",
        "PT",
        "P-1D",
        "99999999999d",
        "2026-13-01T00:00:00Z",
        "+999999999-01-01T00:00:00Z"
      })
  void whatCannotBeUnderstoodAsksForNothing(String value) {
    assertThat(pause(Map.of("retry-after", value))).isEmpty();
    assertThat(pause(Map.of("x-ratelimit-reset-tokens", value))).isEmpty();
  }

  @Test
  void millisecondsGoBeforeSecondsAndBothBeforeTheLimits() {
    assertThat(pause(Map.of("retry-after", "7", "retry-after-ms", "300")))
        .hasValue(Duration.ofMillis(300));
    assertThat(pause(Map.of("retry-after", "7", "retry-after-ms", "x")))
        .hasValue(Duration.ofSeconds(7));
    assertThat(pause(Map.of("retry-after", "0", "x-ratelimit-reset-requests", "5s")))
        .hasValue(Duration.ZERO);
    assertThat(pause(Map.of("retry-after", "soon", "x-ratelimit-reset-requests", "5s")))
        .hasValue(Duration.ofSeconds(5));
    assertThat(pause(Map.of())).isEmpty();
  }

  private static Map<String, String> limits(
      @Nullable String requestsLeft, @Nullable String tokensLeft) {
    Map<String, String> headers = new HashMap<>();
    headers.put("x-ratelimit-reset-requests", "2s");
    headers.put("x-ratelimit-reset-tokens", "6m0s");
    if (requestsLeft != null) {
      headers.put("x-ratelimit-remaining-requests", requestsLeft);
    }
    if (tokensLeft != null) {
      headers.put("x-ratelimit-remaining-tokens", tokensLeft);
    }
    return headers;
  }

  @Test
  void theLimitThatIsUsedUpIsWaitedFor() {
    assertThat(pause(limits("0", "17"))).hasValue(Duration.ofSeconds(2));
    assertThat(pause(limits("9", "0"))).hasValue(Duration.ofMinutes(6));
    assertThat(pause(limits("0", "0"))).hasValue(Duration.ofMinutes(6));
    assertThat(pause(limits(null, "0"))).hasValue(Duration.ofMinutes(6));
    assertThat(pause(limits("-1", "12"))).hasValue(Duration.ofSeconds(2));
  }

  @Test
  void whereNoneIsKnownToBeUsedUpTheFirstIsWaitedFor() {
    assertThat(pause(limits(null, null))).hasValue(Duration.ofSeconds(2));
    assertThat(pause(limits("4", null))).hasValue(Duration.ofMinutes(6));
    assertThat(pause(limits("?", "9"))).isEmpty();
    assertThat(pause(limits("4", "9"))).isEmpty();
  }

  @Test
  void limitsSayNothingOnAFailureThatIsNotTheirs() {
    assertThat(pause(limits("0", "0"), false)).isEmpty();
    assertThat(pause(Map.of("retry-after", "3"), false)).hasValue(Duration.ofSeconds(3));
  }
}

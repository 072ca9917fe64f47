package io.batchinfer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusMeaningTest {
  @ParameterizedTest
  @CsvSource({
    "200,true,'',ANSWERED",
    "201,true,'',ANSWERED",
    "200,false,'',UNUSABLE",
    "301,true,'',REDIRECTED",
    "304,false,'',REDIRECTED",
    "400,true,'',REFUSED",
    "405,true,'',REFUSED",
    "413,false,'',REFUSED",
    "422,true,'',REFUSED",
    "401,true,invalid_api_key,UNAUTHORIZED",
    "402,true,'',INSUFFICIENT_QUOTA",
    "403,true,'',FORBIDDEN",
    "404,true,model_not_found,UNKNOWN_MODEL",
    "404,true,NotFoundError,UNKNOWN_MODEL",
    "404,false,'',NOT_FOUND",
    "408,true,'',TRY_AGAIN",
    "409,true,'',TRY_AGAIN",
    "425,true,'',TRY_AGAIN",
    "429,true,'',THROTTLED",
    "429,true,rate_limit_exceeded,THROTTLED",
    "429,true,insufficient_quota,INSUFFICIENT_QUOTA",
    "429,true,billing_hard_limit_reached,INSUFFICIENT_QUOTA",
    "500,true,'',SERVER_ERROR",
    "502,false,'',SERVER_ERROR",
    "599,false,'',SERVER_ERROR",
    "503,true,'',OVERLOADED",
    "529,true,'',OVERLOADED",
    "504,false,'',GATEWAY_TIMEOUT"
  })
  void everyStatusHasItsMeaning(int status, boolean json, String code, StatusMeaning expected) {
    assertThat(StatusMeaning.of(status, json, code)).isEqualTo(expected);
  }

  @Test
  void whatStopsAJobSaysHowItEnds() {
    for (StatusMeaning meaning : StatusMeaning.values()) {
      assertThat(meaning.stopCode().isPresent())
          .as("%s", meaning)
          .isEqualTo(meaning.stop() != StatusMeaning.Stop.NEVER);
    }
  }

  private static Optional<Duration> pause(Map<String, String> headers) {
    return RetryAfter.of(
        name -> {
          @Nullable String value = headers.get(name);
          return value;
        },
        Instant.parse("2026-01-01T00:00:00Z"));
  }

  @ParameterizedTest
  @CsvSource({
    "retry-after,7,7000",
    "retry-after,' 7 ',7000",
    "retry-after,0.25,250",
    "retry-after,0,0",
    "retry-after-ms,1500,1500",
    "retry-after-ms,12.5,12",
    "retry-after,'Thu, 01 Jan 2026 00:01:30 GMT',90000",
    "retry-after,'Wed, 31 Dec 2025 23:59:00 GMT',0"
  })
  void everyFormOfRetryAfterIsRead(String header, String value, long millis) {
    assertThat(pause(Map.of(header, value)).map(Duration::toMillis)).hasValue(millis);
  }

  @ParameterizedTest
  @CsvSource({"-1", "soon", "NaN", "Infinity", "1e300", "''", "2026-01-01"})
  void whatCannotBeUnderstoodAsksForNothing(String value) {
    assertThat(pause(Map.of("retry-after", value))).isEmpty();
  }

  @Test
  void millisecondsGoBeforeSeconds() {
    assertThat(pause(Map.of("retry-after", "7", "retry-after-ms", "300")))
        .hasValue(Duration.ofMillis(300));
    assertThat(pause(Map.of("retry-after", "7", "retry-after-ms", "x")))
        .hasValue(Duration.ofSeconds(7));
    assertThat(pause(Map.of())).isEmpty();
  }

  private static final RetryRule RULE = new RetryRule(5, 1);

  private static Optional<Duration> next(
      StatusMeaning meaning, int counted, int ambiguous, int throttled) {
    return RULE.next(meaning, counted, ambiguous, throttled, Optional.empty());
  }

  @Test
  void countedAttemptsEndAtTheirNumber() {
    assertThat(next(StatusMeaning.SERVER_ERROR, 4, 0, 0)).isPresent();
    assertThat(next(StatusMeaning.SERVER_ERROR, 5, 0, 0)).isEmpty();
    assertThat(next(StatusMeaning.REFUSED, 1, 0, 0)).isEmpty();
  }

  @Test
  void whatMayHaveRunIsSentAgainOnce() {
    assertThat(next(StatusMeaning.TIMED_OUT, 1, 1, 0)).isPresent();
    assertThat(next(StatusMeaning.TIMED_OUT, 2, 2, 0)).isEmpty();
    assertThat(new RetryRule(5, 0).next(StatusMeaning.TIMED_OUT, 1, 1, 0, Optional.empty()))
        .isEmpty();
  }

  @Test
  void throttledAnswersDoNotUseUpAttempts() {
    assertThat(next(StatusMeaning.THROTTLED, 4, 0, 100)).isPresent();
    assertThat(next(StatusMeaning.THROTTLED, 0, 0, 200)).isEmpty();
  }

  @Test
  void whatTheEndpointAsksForGoesBeforeTheBackOff() {
    assertThat(RULE.next(StatusMeaning.THROTTLED, 0, 0, 1, Optional.of(Duration.ofSeconds(42))))
        .hasValue(Duration.ofSeconds(42));
  }

  @Test
  void theBackOffGrowsAndStaysBounded() {
    for (int attempt = 1; attempt <= 100; attempt++) {
      Duration pause = next(StatusMeaning.THROTTLED, 0, 0, attempt).orElseThrow();
      assertThat(pause).isBetween(Duration.ofMillis(250), Duration.ofSeconds(45));
    }
  }
}

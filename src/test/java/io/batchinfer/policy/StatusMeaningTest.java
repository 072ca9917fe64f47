package io.batchinfer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatusMeaningTest {
  @ParameterizedTest
  @CsvSource({
    "200,true,'',ANSWERED",
    "201,true,'',ANSWERED",
    "200,false,'',NOT_JSON",
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
    "408,true,'',GATEWAY_TIMEOUT",
    "499,true,'',GATEWAY_TIMEOUT",
    "520,false,'',GATEWAY_TIMEOUT",
    "524,false,'',GATEWAY_TIMEOUT",
    "598,false,'',GATEWAY_TIMEOUT",
    "599,false,'',GATEWAY_TIMEOUT",
    "521,false,'',ORIGIN_UNREACHABLE",
    "522,false,'',ORIGIN_UNREACHABLE",
    "523,false,'',ORIGIN_UNREACHABLE",
    "525,false,'',ORIGIN_UNREACHABLE",
    "526,false,'',ORIGIN_UNREACHABLE",
    "527,false,'',SERVER_ERROR",
    "501,true,'',REFUSED",
    "409,true,'',TRY_AGAIN",
    "425,true,'',TRY_AGAIN",
    "429,true,'',THROTTLED",
    "429,true,rate_limit_exceeded,THROTTLED",
    "429,true,insufficient_quota,INSUFFICIENT_QUOTA",
    "429,true,billing_hard_limit_reached,INSUFFICIENT_QUOTA",
    "500,true,'',SERVER_ERROR",
    "502,false,'',SERVER_ERROR",
    "503,true,'',OVERLOADED",
    "529,true,'',OVERLOADED",
    "504,false,'',GATEWAY_TIMEOUT"
  })
  void everyStatusHasItsMeaning(int status, boolean json, String code, StatusMeaning expected) {
    assertThat(StatusMeaning.of(status, facts(json, code, ""))).isEqualTo(expected);
  }

  private static ReplyFacts facts(boolean json, String code, String message) {
    return new ReplyFacts(json, Usage.NONE, code, message);
  }

  @Test
  void anErrorWithAStatusOfSuccessIsNoSuccess() {
    ReplyFacts error =
        new ReplyFacts(true, Usage.NONE, AnswerMarks.NONE, "server_error", "boom", true, "");

    assertThat(StatusMeaning.of(200, error)).isEqualTo(StatusMeaning.ERROR_INSIDE);
    assertThat(StatusMeaning.of(500, error)).isEqualTo(StatusMeaning.SERVER_ERROR);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 342389. The input or output tokens must be reduced in order to run successfully.",
        "Request too large for model `llama` on tokens per minute (TPM): Limit 6000, Requested 7380, please reduce your message size and try again.",
        "Rate limit reached on tokens per min (TPM): Limit 30000, Used 0, Requested 30001.",
        "requested 1,000,001 tokens, limit: 1,000,000",
        "Limit 9, Requested 99999999999999999999999",
        "This request is too large."
      })
  void aRequestAboveTheLimitIsToldFromATrafficJam(String message) {
    assertThat(StatusMeaning.of(429, facts(true, "rate_limit_exceeded", message)))
        .isEqualTo(StatusMeaning.ABOVE_LIMIT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Rate limit reached for gpt-4 on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.",
        "Rate limit reached on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.",
        "This request would exceed your organization's rate limit of 40,000 input tokens per minute. Please reduce the prompt length or the maximum tokens requested, or try again later.",
        "Too many requests",
        "Limit 5",
        "Requested 7",
        ""
      })
  void aTrafficJamIsNoRequestAboveTheLimit(String message) {
    assertThat(StatusMeaning.of(429, facts(true, "tokens", message)))
        .isEqualTo(StatusMeaning.THROTTLED);
  }

  @Test
  void whatSpeaksForTheRowIsNoFailureOfTheEndpoint() {
    for (StatusMeaning meaning : StatusMeaning.values()) {
      if (meaning.isRowsOwn()) {
        assertThat(meaning.breaker()).isNotEqualTo(StatusMeaning.Breaker.FAILURE);
        assertThat(meaning.isLackOfRoom()).isFalse();
        assertThat(meaning.stop()).isEqualTo(StatusMeaning.Stop.NEVER);
      }
    }
  }

  @Test
  void whatStopsAJobSaysHowItEnds() {
    for (StatusMeaning meaning : StatusMeaning.values()) {
      assertThat(meaning.stopCode().isPresent())
          .as("%s", meaning)
          .isEqualTo(meaning.stop() != StatusMeaning.Stop.NEVER);
    }
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
  void whatMayHaveRunIsSentNoMoreOftenThanTheAttemptsAllow() {
    RetryRule twice = new RetryRule(2, 9);

    assertThat(twice.next(StatusMeaning.TIMED_OUT, 1, 1, 0, Optional.empty())).isPresent();
    assertThat(twice.next(StatusMeaning.TIMED_OUT, 2, 2, 0, Optional.empty())).isEmpty();
    assertThat(twice.next(StatusMeaning.GATEWAY_TIMEOUT, 2, 1, 0, Optional.empty())).isEmpty();
  }

  @Test
  void aRowThatIsRefusedAloneIsNotMadeToWaitForHours() {
    Optional<Duration> told = Optional.of(Duration.ofHours(1));

    assertThat(RULE.next(StatusMeaning.THROTTLED_ALONE, 0, 0, 3, told))
        .hasValue(Duration.ofSeconds(30));
    assertThat(RULE.next(StatusMeaning.ABOVE_LIMIT, 1, 0, 0, Optional.of(Duration.ofSeconds(5))))
        .hasValue(Duration.ofSeconds(5));
    assertThat(RULE.next(StatusMeaning.THROTTLED, 0, 0, 3, told)).isEqualTo(told);
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

  @Test
  void everyMeaningIsOfOneKind() {
    Set<StatusMeaning> refusals =
        EnumSet.of(
            StatusMeaning.THROTTLED,
            StatusMeaning.THROTTLED_ALONE,
            StatusMeaning.REFUSED_ALONE,
            StatusMeaning.ABOVE_LIMIT,
            StatusMeaning.OVERLOADED,
            StatusMeaning.FULL);
    Set<StatusMeaning> lost =
        EnumSet.of(
            StatusMeaning.GATEWAY_TIMEOUT,
            StatusMeaning.UNUSABLE,
            StatusMeaning.CONNECTION_LOST,
            StatusMeaning.TIMED_OUT);
    for (StatusMeaning meaning : StatusMeaning.values()) {
      assertThat(meaning.isRefusal())
          .as("%s is a refusal", meaning)
          .isEqualTo(refusals.contains(meaning));
      assertThat(meaning.isLost()).as("%s is lost", meaning).isEqualTo(lost.contains(meaning));
      assertThat(meaning.isOtherFailure())
          .as("%s is another failure", meaning)
          .isEqualTo(
              meaning != StatusMeaning.ANSWERED
                  && !refusals.contains(meaning)
                  && !lost.contains(meaning));
      assertThat(meaning.when()).as("words for %s", meaning).isNotBlank();
    }
  }

  @Test
  void whatWasTurnedAwayByALimitCostNoTokens() {
    assertThat(StatusMeaning.values())
        .filteredOn(StatusMeaning::isThrottled)
        .containsExactlyInAnyOrder(
            StatusMeaning.THROTTLED,
            StatusMeaning.THROTTLED_ALONE,
            StatusMeaning.REFUSED_ALONE,
            StatusMeaning.ABOVE_LIMIT);
  }

  @Test
  void ofRowsThatWentTogetherOneMayBeToBlameUnlessTheyWerePaidFor() {
    assertThat(StatusMeaning.values())
        .filteredOn(StatusMeaning::mayBeOneRows)
        .containsExactlyInAnyOrder(
            StatusMeaning.ERROR_INSIDE,
            StatusMeaning.REFUSED,
            StatusMeaning.FORBIDDEN,
            StatusMeaning.SERVER_ERROR,
            StatusMeaning.THROTTLED_ALONE,
            StatusMeaning.REFUSED_ALONE,
            StatusMeaning.ABOVE_LIMIT,
            StatusMeaning.ROW_FAILS,
            StatusMeaning.ROW_FAILS_AGAIN);
  }

  @Test
  void onlyWhatSpeaksAgainstTheEndpointOpensTheBreaker() {
    assertThat(StatusMeaning.values())
        .filteredOn(meaning -> meaning.breaker() == StatusMeaning.Breaker.FAILURE)
        .containsExactlyInAnyOrder(
            StatusMeaning.OVERLOADED,
            StatusMeaning.SERVER_ERROR,
            StatusMeaning.ORIGIN_UNREACHABLE,
            StatusMeaning.GATEWAY_TIMEOUT,
            StatusMeaning.UNUSABLE,
            StatusMeaning.UNREACHABLE,
            StatusMeaning.CONNECTION_LOST,
            StatusMeaning.TIMED_OUT);
    assertThat(StatusMeaning.values())
        .filteredOn(meaning -> meaning.breaker() == StatusMeaning.Breaker.IGNORED)
        .containsExactlyInAnyOrder(
            StatusMeaning.FULL, StatusMeaning.ROW_FAILS, StatusMeaning.NOT_SENT);
  }

  @ParameterizedTest
  @CsvSource({"199,REFUSED", "299,ANSWERED", "300,REDIRECTED", "399,REDIRECTED", "400,REFUSED"})
  void theClassesOfStatusesHaveSharpEnds(int status, StatusMeaning expected) {
    assertThat(StatusMeaning.of(status, facts(true, "", ""))).isEqualTo(expected);
  }
}

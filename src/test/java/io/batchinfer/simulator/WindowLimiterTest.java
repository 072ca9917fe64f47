package io.batchinfer.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WindowLimiterTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final WindowLimiter limiter = new WindowLimiter(0);

  private static RateLimits limits(long requests, long tokens, Charge charge) {
    return new RateLimits(requests, tokens, Duration.ofSeconds(1), charge);
  }

  @Test
  void aWindowGrantsItsShareOfTheMinuteAndTheNextOneStartsAnew() {
    RateLimits twoPerSecond = limits(120, 0, Charge.AT_ADMISSION);

    assertThat(limiter.admit(twoPerSecond, 0, 1)).isEmpty();
    assertThat(limiter.admit(twoPerSecond, SECOND - 1, 1)).isEmpty();
    assertThat(limiter.admit(twoPerSecond, SECOND - 1, 1))
        .hasValue(WindowLimiter.Exceeded.REQUESTS);
    assertThat(limiter.standing(twoPerSecond, SECOND - 1).nanosToReset()).isEqualTo(1);
    assertThat(limiter.admit(twoPerSecond, SECOND, 1)).isEmpty();
  }

  @Test
  void aRefusedRequestCostsNothing() {
    RateLimits limits = limits(0, 6000, Charge.AT_ADMISSION);

    assertThat(limiter.admit(limits, 0, 60)).isEmpty();
    assertThat(limiter.admit(limits, 0, 41)).hasValue(WindowLimiter.Exceeded.TOKENS);
    assertThat(limiter.admit(limits, 0, 40)).isEmpty();
    assertThat(limiter.standing(limits, 0).tokensLeft()).isZero();
  }

  @Test
  void whatIsLargerThanAWindowPassesAloneAtItsStart() {
    RateLimits limits = limits(0, 6000, Charge.AT_ADMISSION);

    assertThat(limiter.admit(limits, 0, 500)).isEmpty();
    assertThat(limiter.admit(limits, 0, 1)).hasValue(WindowLimiter.Exceeded.TOKENS);
  }

  @Test
  void chargedAtCompletionOnlyAnswersCount() {
    RateLimits limits = limits(60, 6000, Charge.AT_COMPLETION);

    assertThat(limiter.admit(limits, 0, 99)).isEmpty();
    assertThat(limiter.admit(limits, 0, 99)).isEmpty();
    limiter.complete(limits, 1, 10);
    assertThat(limiter.admit(limits, 2, 1)).hasValue(WindowLimiter.Exceeded.REQUESTS);
    assertThat(limiter.standing(limits, 2).tokensLeft()).isEqualTo(90);
  }
}

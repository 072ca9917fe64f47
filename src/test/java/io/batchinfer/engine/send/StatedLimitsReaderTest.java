package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Reply;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which limits an endpoint states of itself. */
class StatedLimitsReaderTest {
  private static StatedLimits limits(Map<String, String> headers) {
    return new StatedLimitsReader().apply(new Reply(200, headers::get, new byte[0]));
  }

  @Test
  void limitsPerMinuteAreReadUnderBothNames() {
    assertThat(
            limits(
                Map.of("x-ratelimit-limit-requests", " 500 ", "x-ratelimit-limit-tokens", "30000")))
        .isEqualTo(new StatedLimits(500, 30_000));
    assertThat(limits(Map.of("x-ratelimit-limit-req-minute", "60")))
        .isEqualTo(new StatedLimits(60, 0));
    assertThat(limits(Map.of("x-ratelimit-limit-tokens-minute", "7")))
        .isEqualTo(new StatedLimits(0, 7));
  }

  @Test
  void whatIsNoLimitIsNotTakenForOne() {
    assertThat(limits(Map.of())).isSameAs(StatedLimits.NONE);
    assertThat(
            limits(
                Map.of(
                    "x-ratelimit-limit-requests", "-1", "x-ratelimit-limit-tokens", "unlimited")))
        .isSameAs(StatedLimits.NONE);
    assertThat(
            limits(Map.of("x-ratelimit-limit-req-minute", "0", "x-ratelimit-limit-requests", "20")))
        .isEqualTo(new StatedLimits(20, 0));
  }
}

package io.batchinfer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class WaitingTimeTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "0,PT0S",
    "3,PT3S",
    "1.5,PT1.5S",
    " 2 ,PT2S",
    "1e2,PT100S",
    "999999999,PT277777H46M39S",
    "20ms,PT0.02S",
    "6m0s,PT6M",
    "1h2m3.5s,PT1H2M3.5S",
    "1d,PT24H",
    "7us,PT0.000007S",
    "9ns,PT0.000000009S",
    "PT8S,PT8S",
    "'Sun, 01 Mar 2026 12:00:30 GMT',PT30S",
    "'Sun, 01 Mar 2026 11:00:00 GMT',PT0S",
    "2026-03-01T12:01:00Z,PT1M"
  })
  void everyFormIsRead(String text, Duration expected) {
    assertThat(WaitingTime.of(text, NOW)).contains(expected);
  }

  @Test
  void largeNumbersAreTimesInSecondsOrMilliseconds() {
    assertThat(WaitingTime.of("1000000000", Instant.ofEpochSecond(999_999_990)))
        .contains(Duration.ofSeconds(10));
    assertThat(WaitingTime.of("99999999999", Instant.ofEpochSecond(99_999_999_990L)))
        .contains(Duration.ofSeconds(9));
    assertThat(WaitingTime.of("100000000000", Instant.ofEpochSecond(99_999_990)))
        .contains(Duration.ofSeconds(10));
    assertThat(WaitingTime.of(Long.toString(NOW.toEpochMilli() + 2_500), NOW))
        .contains(Duration.ofMillis(2_500));
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(
      strings = {
        " ",
        "soon",
        "-1",
        "1f",
        "NaN",
        "5 s",
        "PT-3S",
        "100000000000000",
        "1000000000s",
        "3000000000000h",
        "P999999999999999999D"
      })
  void anythingElseIsNoTime(String text) {
    assertThat(WaitingTime.of(text, NOW)).isEmpty();
  }

  @Test
  void aNumberOfOtherUnitsIsReadWithinReason() {
    assertThat(WaitingTime.ofUnits("1500", 1e6)).contains(Duration.ofMillis(1_500));
    assertThat(WaitingTime.ofUnits("0", 1e6)).contains(Duration.ZERO);
    assertThat(WaitingTime.ofUnits("999999999", 1e6)).contains(Duration.ofMillis(999_999_999));
    assertThat(WaitingTime.ofUnits("1000000000", 1e6)).isEmpty();
    assertThat(WaitingTime.ofUnits("-1", 1e6)).isEmpty();
    assertThat(WaitingTime.ofUnits(null, 1e6)).isEmpty();
  }
}

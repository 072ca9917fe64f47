package io.batchinfer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

  @ParameterizedTest
  @CsvSource({
    "250ms, 250",
    "30s, 30000",
    "10m, 600000",
    "2h, 7200000",
    "1d, 86400000",
    "45, 45000",
    "1.5s, 1500",
    "0, 0",
    "' 3 M ', 180000",
  })
  void readsNumbersWithUnits(String text, long millis) {
    assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1s", "10 minutes", "s", "1m30s", "1e3", "NaN", "10w"})
  void refusesAnythingElseAndSaysWhatIsAccepted(String text) {
    assertThatThrownBy(() -> Durations.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"" + text + "\" is not a duration; " + Durations.ACCEPTED)
        .hasMessageContaining("250ms, 30s, 10m, 2h or 1d; a bare number is seconds");
  }

  @Test
  void refusesWhatNoClockCanWaitFor() {
    assertThatThrownBy(() -> Durations.parse("999999999999d"))
        .hasMessageContaining("is longer than a century");
  }

  @ParameterizedTest
  @ValueSource(strings = {"250ms", "30s", "10m", "2h", "1d", "90s", "1500ms", "0s", "25h"})
  void writesWhatItReads(String text) {
    assertThat(Durations.format(Durations.parse(text))).isEqualTo(text);
  }
}

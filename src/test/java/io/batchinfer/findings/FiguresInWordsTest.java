package io.batchinfer.findings;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How findings say shares and times. */
class FiguresInWordsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 %",
    "0.004, 0.4 %",
    "0.05, 5 %",
    "0.0999, 10 %",
    "0.1, 10 %",
    "0.976, 98 %",
    "1, 100 %",
  })
  void shares(double share, String words) {
    assertThat(Words.percent(share)).isEqualTo(words);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 s",
    "8200, 8.2 s",
    "95000, 95 s",
    "119400, 119 s",
    "120000, 2 min",
    "720000, 12 min",
    "7199000, 120 min",
    "7200000, 2.0 h",
    "12600000, 3.5 h",
  })
  void times(long millis, String words) {
    assertThat(Words.time(Duration.ofMillis(millis))).isEqualTo(words);
  }
}

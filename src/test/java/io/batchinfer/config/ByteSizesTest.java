package io.batchinfer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizesTest {

  @ParameterizedTest
  @CsvSource({
    "64MiB, 67108864",
    "64m, 67108864",
    "100MB, 100000000",
    "1.5KiB, 1536",
    "512, 512",
    "2 GiB, 2147483648",
    "7b, 7",
  })
  void readsNumbersWithUnits(String text, long bytes) {
    assertThat(ByteSizes.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MiB", "-1", "5TB", "1e6"})
  void refusesAnythingElseAndSaysWhatIsAccepted(String text) {
    assertThatThrownBy(() -> ByteSizes.parse(text))
        .hasMessage("\"" + text + "\" is not a size; " + ByteSizes.ACCEPTED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"64MiB", "1GiB", "3KiB", "100MB", "512", "0", "1001"})
  void writesWhatItReads(String text) {
    assertThat(ByteSizes.format(ByteSizes.parse(text))).isEqualTo(text);
  }
}

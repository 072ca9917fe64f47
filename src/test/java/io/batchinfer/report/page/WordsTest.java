package io.batchinfer.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
  @ParameterizedTest
  @CsvSource({
    "0,0",
    "7,7",
    "0.256,0.26",
    "980,980",
    "999.6,1 k",
    "12_345,12.3 k",
    "999_600,1 M",
    "1_234_567,1.23 M",
    "5e9,5 G"
  })
  void briefNumbersHaveThreeDigits(String number, String words) {
    assertThat(Words.brief(Double.parseDouble(number.replace("_", "")))).isEqualTo(words);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0 %",
    "0.0004,< 0.1 %",
    "0.004,0.4 %",
    "0.5,50 %",
    "0.996,99.6 %",
    "0.99996,> 99.9 %",
    "1,100 %",
    "1.07,107 %"
  })
  void noShareIsRoundedToNothingOrAll(double share, String words) {
    assertThat(Words.share(share)).isEqualTo(words.replace(" %", "\u00a0%"));
  }

  @ParameterizedTest
  @CsvSource({
    "0.4,0.4 ms",
    "820,820 ms",
    "999.7,1 s",
    "1_440,1.4 s",
    "59_700,1 min",
    "125_000,2 min 5 s",
    "3_600_000,1 h",
    "187_200_000,2 d 4 h"
  })
  void timesAreSaidInTheirOwnUnits(String millis, String words) {
    assertThat(Words.millis(Double.parseDouble(millis.replace("_", "")))).isEqualTo(words);
  }

  @ParameterizedTest
  @CsvSource({"0.09641,0.0964 USD", "12.3,12.30 USD", "12_345.678,'12,345.68 USD'"})
  void smallSumsHaveMoreDigits(String amount, String words) {
    assertThat(Words.money(Double.parseDouble(amount.replace("_", "")), "USD")).isEqualTo(words);
  }
}

package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorWordsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"custom_id\":\"a\",\"response\":null,\"error\":{\"code\":\"x\",\"message\":\"own words\"}}|a|own words",
        "{\"custom_id\":\"a\",\"response\":{\"status_code\":400,\"body\":{\"error\":{\"message\":\"said\"}}},\"error\":null}|a|said",
        "{\"custom_id\":\"a\",\"response\":{\"status_code\":422,\"body\":{\"detail\":\"said\"}},\"error\":null}|a|said",
        "{\"custom_id\":null,\"response\":{\"status_code\":418,\"body\":[1]},\"error\":null}|``|status 418",
        "cut off {|``|``",
      })
  void theWordsAreThoseOfTheProgramOrOfTheEndpoint(String line, String customId, String message) {
    assertThat(ErrorWords.of(line.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(new ErrorWords(customId, message));
  }
}

package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputLineTest {
  private static Optional<InputLine> read(byte[] bytes, int offset) {
    return InputLine.read(bytes, offset, bytes.length - offset);
  }

  @Test
  void findsTheBodyAsItWasWritten() {
    String before = "é{}, ";
    String body = "{ \"n\": 1.50e+3, \"t\":\"ü}\" }";
    byte[] bytes =
        (before + "{\"x\":[{\"body\":{}}], \"body\" : " + body + " ,\"custom_id\":\"é\"} ")
            .getBytes(StandardCharsets.UTF_8);
    int offset = before.getBytes(StandardCharsets.UTF_8).length;

    InputLine line = read(bytes, offset).orElseThrow();

    assertThat(line.customId()).isEqualTo("é");
    assertThat(
            new String(bytes, offset + line.bodyStart(), line.bodyLength(), StandardCharsets.UTF_8))
        .isEqualTo(body);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{\"body\":{}", "{} {}", "{\"a\":}", "plain"})
  void aLineThatIsNotOneObjectHoldsNothing(String line) {
    assertThat(read(line.getBytes(StandardCharsets.UTF_8), 0)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"custom_id\":7,\"body\":\"text\"}", "{\"body\":null}"})
  void whatIsAbsentOrOfAnotherTypeIsNone(String line) {
    assertThat(read(line.getBytes(StandardCharsets.UTF_8), 0))
        .hasValueSatisfying(
            found -> {
              assertThat(found.customId()).isNull();
              assertThat(found.bodyLength()).isZero();
            });
  }

  @Test
  void joinedLinesEscapeTheIdAndShowAbsentPartsAsNull() throws IOException {
    byte[] bytes = "xx{\"a\":1}yy".getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    JoinedLine.write(
        out, "a\"é", new JoinedLine.Bytes(bytes, 2, 7), new JoinedLine.Bytes(bytes, 2, 7));
    JoinedLine.write(
        out, null, new JoinedLine.Bytes(bytes, 0, 0), new JoinedLine.Bytes(bytes, 2, 7));

    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "{\"custom_id\":\"a\\\"\\u00e9\",\"input\":{\"a\":1},\"result\":{\"a\":1}}",
            "{\"custom_id\":null,\"input\":null,\"result\":{\"a\":1}}");
  }
}

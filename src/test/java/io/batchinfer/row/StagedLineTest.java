package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.row.LineRules.ModelRule;
import io.batchinfer.row.ParsedLine.Invalid;
import io.batchinfer.row.ParsedLine.Request;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StagedLineTest {
  private static final byte[] BODY = "{\"a\":\"é\"}".getBytes(StandardCharsets.UTF_8);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @ParameterizedTest
  @ValueSource(strings = {"", "7", "[\"a\",null]", "\"\\\n\u2028\0", "naïve 😀", "\ud800"})
  void aRequestIsReadAsItWasWritten(String key) {
    StagedLine.write(out, key, BODY);

    Request request = (Request) parse(true);
    assertThat(request.customId()).isEqualTo(key);
    assertThat(request.body()).isEqualTo(BODY);
  }

  @Test
  void aRowWithoutRequestKeepsItsKeyAndSaysWhy() {
    StagedLine.writeUnsendable(out, "7", ErrorCode.MISSING_VALUE, "Column \"é\" is null.");

    assertThat(parse(true))
        .isEqualTo(new Invalid("7", ErrorCode.MISSING_VALUE, "Column \"é\" is null.", null));
  }

  @Test
  void aRowWithoutKeyHasNone() {
    StagedLine.writeUnsendable(out, null, ErrorCode.MISSING_VALUE, "The key is null.");

    assertThat(parse(true).customId()).isNull();
  }

  @Test
  void aLineOfAFileCannotSayThatItIsNotSent() {
    StagedLine.writeUnsendable(out, "7", ErrorCode.MISSING_VALUE, "Column \"a\" is null.");

    assertThat(((Invalid) parse(false)).code()).isEqualTo(ErrorCode.MISSING_REQUIRED_PARAMETER);
  }

  @Test
  void aCodeThatIsNoneOfLinesIsNotTaken() {
    StagedLine.writeUnsendable(out, "7", ErrorCode.BATCH_EXPIRED, "no");

    assertThat(((Invalid) parse(true)).code()).isEqualTo(ErrorCode.INVALID_VALUE);
  }

  private ParsedLine parse(boolean staged) {
    byte[] line = out.toByteArray();
    assertThat(line[line.length - 1]).isEqualTo((byte) '\n');
    LineRules rules =
        new LineRules(
            EndpointPaths.CHAT_COMPLETIONS,
            Set.copyOf(EndpointPaths.KNOWN),
            null,
            ModelRule.REFUSE,
            null,
            null,
            Set.of(),
            staged);
    return new RequestLineParser(rules).parse(line, 0, line.length - 1);
  }
}

package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.RowId;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResultLineTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final RowKey KEYS = new RowKey(new Hash128(1, 2));
  private static final ResultLineWriter WRITER =
      new ResultLineWriter(KEYS, List.of("file:/in/a.jsonl", "file:/in/bé.jsonl"));

  private static Answered answered(int status, String body) {
    return new Answered(
        status, "req-1", body.getBytes(StandardCharsets.UTF_8), Usage.NONE, AnswerMarks.NONE, "");
  }

  private static byte[] render(@Nullable String customId, RowOutcome outcome) {
    return WRITER.render(new RowId(1, 42), customId, outcome);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "a", "ü😀\"\\\n\u0000\u007f\u2028", "\ud800"})
  void aCustomIdComesBackAsItWas(@Nullable String customId) {
    byte[] line = render(customId, answered(200, "{\"a\":\"}{\"}"));
    ResultLineReader.@Nullable Head head = new ResultLineReader().head(line, 0, line.length - 1);
    assertThat(head).isEqualTo(new ResultLineReader.Head(KEYS.of(new RowId(1, 42)), customId));
    assertThat(line[line.length - 1]).isEqualTo((byte) '\n');
    assertThat(new String(line, 0, line.length - 1, StandardCharsets.US_ASCII)).isPrintable();
  }

  @Test
  void aSuccessHoldsTheBodyVerbatimAndNoInput() {
    String body = "{\"id\":\"null\",\"x\":1.0,\"y\":null}";
    assertThat(new String(render("a", answered(200, body)), StandardCharsets.US_ASCII))
        .isEqualTo(
            "{\"id\":\"%s\",\"custom_id\":\"a\",\"response\":{\"status_code\":200,\"request_id\":\"req-1\",\"body\":%s},\"error\":null}\n"
                .formatted(KEYS.of(new RowId(1, 42)), body));
  }

  @Test
  void aRefusalKeepsItsResponseAndSaysWhereItsLineStands() throws IOException {
    JsonNode line = MAPPER.readTree(render("a", answered(422, "{\"detail\":\"no\"}")));
    assertThat(line.at("/response/status_code").intValue()).isEqualTo(422);
    assertThat(line.at("/response/body/detail").textValue()).isEqualTo("no");
    assertThat(line.get("error").isNull()).isTrue();
    assertThat(line.at("/input/file").textValue()).isEqualTo("file:/in/bé.jsonl");
    assertThat(line.at("/input/line").longValue()).isEqualTo(42);
  }

  @Test
  void aRowWithoutAnAnswerHasACode() throws IOException {
    JsonNode line =
        MAPPER.readTree(
            render(null, new Unanswered(ErrorCode.INVALID_TYPE, "Expected \"x\"", "body.model")));
    assertThat(line.get("custom_id").isNull()).isTrue();
    assertThat(line.get("response").isNull()).isTrue();
    assertThat(line.get("error").toString())
        .isEqualTo(
            "{\"code\":\"invalid_type\",\"message\":\"Expected \\\"x\\\"\",\"param\":\"body.model\"}");
  }

  @Test
  void anAnswerWithoutARequestIdGetsOneOfItsOwn() throws IOException {
    JsonNode line =
        MAPPER.readTree(
            render(
                "a",
                new Answered(
                    200,
                    "",
                    "{}".getBytes(StandardCharsets.US_ASCII),
                    Usage.NONE,
                    AnswerMarks.NONE,
                    "")));
    assertThat(line.at("/response/request_id").textValue()).startsWith("req_");
  }

  @Test
  void foreignAndCutLinesHaveNoHead() {
    byte[] line = render("a", answered(200, "{\"a\":[{\"b\":\"\\\"}\"}]}"));
    for (int length = 0; length < line.length - 1; length++) {
      assertThat(new ResultLineReader().head(line, 0, length)).as("cut at %d", length).isNull();
    }
    for (String foreign :
        List.of(
            "{}",
            "[]",
            "{\"custom_id\":\"a\",\"id\":\"b\"}",
            "{\"id\":3,\"custom_id\":\"a\"}",
            "x")) {
      byte[] bytes = foreign.getBytes(StandardCharsets.US_ASCII);
      assertThat(new ResultLineReader().head(bytes, 0, bytes.length)).as(foreign).isNull();
    }
  }
}

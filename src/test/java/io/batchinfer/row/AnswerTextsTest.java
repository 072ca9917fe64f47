package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTextsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"choices":[{"message":{"role":"assistant","content":"a"}},{"message":{"content":"b"}}]} | a,b
          {"choices":[{"message":{"content":null,"tool_calls":[{"content":"no"}]}}],"usage":{}} | ~~
          {"choices":[{"text":"a","logprobs":{"text":"no"}}]} | a
          {"choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"no"}]},{"type":"text","text":"a"}]}}]} | a
          {"output":[{"type":"reasoning","content":[{"type":"reasoning_text","text":"no"}]},{"type":"message","content":[{"type":"output_text","text":"a"},{"type":"output_text","text":"b"}]}],"text":{"format":{"type":"text"}}} | ab
          {"outputs":[{"type":"tool.execution","info":{}},{"type":"message.output","content":"a"}]} | a
          {"content":[{"type":"thinking","thinking":"no"},{"type":"text","text":"a"}],"stop_reason":"end_turn"} | a
          {"text":"a"} | a
          """)
  void theTextsOfEveryKindOfAnswer(String body, String texts) {
    assertThat(AnswerTexts.read(body.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(List.of(texts.split(",", -1)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
      {"data":[]} | 0
      [] | 0
      {"choices":[]} | 0
      """)
  void whatHasNone(String body, int none) {
    assertThat(AnswerTexts.read(body.getBytes(StandardCharsets.UTF_8))).hasSize(none);
  }
}

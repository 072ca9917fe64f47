package io.batchinfer.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyReaderTest {
  private static ReplyFacts read(String body) {
    return ReplyReader.read(body.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"choices\":[{\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7,\"prompt_tokens_details\":{\"prompt_tokens\":99}}} | 3 | 4 | false",
        "{\"usage\":{\"prompt_tokens\":3,\"total_tokens\":3,\"completion_tokens\":0},\"data\":[{\"embedding\":[1.0]}]} | 3 | 0 | false",
        "{\"usage\":{\"input_tokens\":5,\"input_tokens_details\":{\"cached_tokens\":1},\"output_tokens\":6,\"total_tokens\":11},\"object\":\"response\"} | 5 | 6 | false",
        "{\"object\":\"response\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"},\"usage\":{\"output_tokens\":6}} | 0 | 6 | true",
        "{\"incomplete_details\":{\"reason\":\"content_filter\"}} | 0 | 0 | false",
        "{\"choices\":[{\"finish_reason\":\"stop\"},{\"index\":1,\"finish_reason\":\"length\"}]} | 0 | 0 | true",
        "{\"choices\":[{\"finish_reason\":\"model_length\"}]} | 0 | 0 | true",
        "{\"choices\":[{\"finish_reason\":null,\"message\":{\"finish_reason\":\"length\"}}]} | 0 | 0 | false",
        "{\"id\":\"null\",\"object\":\"text_completion\",\"created\":0,\"usage\":{\"prompt_tokens\":7,\"total_tokens\":null,\"completion_tokens\":null}} | 7 | 0 | false",
        "{\"usage\":null,\"choices\":null,\"error\":null} | 0 | 0 | false",
        "{\"id\":\"m\",\"results\":[{\"categories\":{\"usage\":true}}]} | 0 | 0 | false",
        "{\"pages\":[],\"usage_info\":{\"pages_processed\":2,\"prompt_tokens\":9}} | 0 | 0 | false",
        "{\"object\":\"conversation.response\",\"outputs\":[{\"type\":\"message.output\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"connector_tokens\":null,\"connectors\":{}}} | 1 | 2 | false",
        "{\"text\":\"x\",\"language\":null,\"segments\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"prompt_audio_seconds\":3}} | 1 | 2 | false",
        "{\"usage\":{\"prompt_tokens\":-4,\"completion_tokens\":99999999999999999999}} | 0 | 0 | false",
        "{\"usage\":[1],\"choices\":{\"finish_reason\":\"length\"}} | 0 | 0 | false",
        "[{\"usage\":{\"prompt_tokens\":1}}] | 0 | 0 | false",
      })
  void readsUsageAndTruncation(String body, long prompt, long completion, boolean truncated) {
    ReplyFacts facts = read(body);
    assertThat(facts.json()).isTrue();
    assertThat(facts.usage().promptTokens()).isEqualTo(prompt);
    assertThat(facts.usage().completionTokens()).isEqualTo(completion);
    assertThat(facts.truncated()).isEqualTo(truncated);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"prompt_tokens\":9,\"prompt_tokens_details\":{\"audio_tokens\":1,\"cached_tokens\":4}} | 4 | 0",
        "{\"input_tokens\":9,\"input_tokens_details\":{\"cached_tokens\":5}} | 5 | 0",
        "{\"completion_tokens_details\":{\"reasoning_tokens\":6,\"accepted_prediction_tokens\":2}} | 0 | 6",
        "{\"output_tokens_details\":{\"reasoning_tokens\":7,\"x\":{\"reasoning_tokens\":1}}} | 0 | 7",
        "{\"prompt_tokens_details\":null,\"completion_tokens_details\":[1]} | 0 | 0",
        "{\"prompt_tokens_details\":{\"cached_tokens\":null}} | 0 | 0",
      })
  void readsTheDetailsOfUsage(String usage, long cached, long reasoning) {
    ReplyFacts facts = read("{\"usage\":" + usage + "}");
    assertThat(facts.json()).isTrue();
    assertThat(facts.usage().cachedTokens()).isEqualTo(cached);
    assertThat(facts.usage().reasoningTokens()).isEqualTo(reasoning);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      emptyValue = "",
      value = {
        "{\"error\":{\"message\":\"m\",\"type\":\"t\",\"param\":null,\"code\":\"insufficient_quota\"}} | insufficient_quota | m",
        "{\"error\":{\"message\":\"m\",\"type\":\"insufficient_quota\",\"code\":null}} | insufficient_quota | m",
        "{\"object\":\"error\",\"message\":\"m\",\"type\":\"NotFoundError\",\"param\":null,\"code\":404} | NotFoundError | m",
        "{\"error\":{\"message\":\"m\",\"type\":\"NotFoundError\",\"code\":404}} | NotFoundError | m",
        "{\"error\":\"Model is overloaded\",\"error_type\":\"overloaded\"} | overloaded | Model is overloaded",
        "{\"error\":{\"code\":1500}} | 1500 | ''",
        "{\"detail\":[{\"msg\":\"field required\"}]} | '' | ''",
        "{\"error\":{\"message\":{\"detail\":\"x\"},\"type\":\"t\"}} | t | ''",
      })
  void readsTheEndpointsOwnCode(String body, String code, String message) {
    ReplyFacts facts = read(body);
    assertThat(facts.errorCode()).isEqualTo(code);
    assertThat(facts.errorMessage()).isEqualTo(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "<html>", "{\"a\":1", "{\"a\":1}}", "{} {}", "{\"a\":01}", "nul"})
  void whatIsNotOneJsonValueIsTold(String body) {
    assertThat(read(body)).isEqualTo(ReplyFacts.NOT_JSON);
  }

  @Test
  void anAnswerInAnotherEncodingIsNoJson() {
    assertThat(ReplyReader.read("{\"a\":1}".getBytes(StandardCharsets.UTF_16)).json()).isFalse();
    assertThat(ReplyReader.read("{\"a\":1}".getBytes(StandardCharsets.UTF_16LE)).json()).isFalse();
  }

  @Test
  void aByteOrderMarkIsTolerated() {
    assertThat(read("\uFEFF{\"usage\":{\"prompt_tokens\":3}}").usage()).isEqualTo(new Usage(3, 0));
  }

  @Test
  void longKeysAreTolerated() {
    assertThat(read("{\"" + "k".repeat(100_000) + "\":1}").json()).isTrue();
  }
}

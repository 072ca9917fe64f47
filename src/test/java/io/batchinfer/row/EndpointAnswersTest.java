package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known of each endpoint's answers, as it is read. */
class EndpointAnswersTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Path and answer; prompt, completion, cached and reasoning tokens; cut, filtered, error. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      emptyValue = "",
      value = {
        "/v1/chat/completions | {'choices':[{'finish_reason':'length'}],'usage':{'prompt_tokens':9,'completion_tokens':4,'prompt_tokens_details':{'cached_tokens':3},'completion_tokens_details':{'reasoning_tokens':2}}} | 9 | 4 | 3 | 2 | true | false | ''",
        "/v1/chat/completions | {'choices':[{'finish_reason':'content_filter'}]} | 0 | 0 | 0 | 0 | false | true | ''",
        "/v1/chat/completions | {'choices':[{'finish_reason':'error'}]} | 0 | 0 | 0 | 0 | false | false | error_in_choice",
        "/v1/chat/completions | {'choices':[{'finish_reason':'stop'}],'stop_reason':'max_tokens','status':'failed'} | 0 | 0 | 0 | 0 | false | false | ''",
        "/v1/completions | {'choices':[{'finish_reason':'length'}],'usage':{'prompt_tokens':9,'completion_tokens':4}} | 9 | 4 | 0 | 0 | true | false | ''",
        "/v1/fim/completions | {'choices':[{'finish_reason':'model_length'}]} | 0 | 0 | 0 | 0 | true | false | ''",
        "/v1/responses | {'status':'incomplete','incomplete_details':{'reason':'max_output_tokens'},'usage':{'input_tokens':9,'input_tokens_details':{'cached_tokens':3},'output_tokens':4,'output_tokens_details':{'reasoning_tokens':2}}} | 9 | 4 | 3 | 2 | true | false | ''",
        "/v1/responses | {'status':'incomplete','incomplete_details':{'reason':'content_filter'}} | 0 | 0 | 0 | 0 | false | true | ''",
        "/v1/responses | {'status':'failed','error':null} | 0 | 0 | 0 | 0 | false | false | answer_failed",
        "/v1/responses | {'status':'failed','error':{'code':'server_error','message':'m'}} | 0 | 0 | 0 | 0 | false | false | server_error",
        "/v1/responses | {'status':'completed','output':[{'type':'message','content':[{'type':'refusal','refusal':'no'}]}]} | 0 | 0 | 0 | 0 | false | true | ''",
        "/v1/responses | {'status':'completed','output':[{'type':'refusal','content':[{'type':'output_text','text':'refusal','annotations':[{'type':'refusal'}]}]}],'usage':{'input_tokens':1,'output_tokens':2}} | 1 | 2 | 0 | 0 | false | false | ''",
        "/v1/messages | {'type':'message','stop_reason':'max_tokens','usage':{'input_tokens':9,'cache_read_input_tokens':30,'cache_creation_input_tokens':5,'output_tokens':4}} | 44 | 4 | 30 | 0 | true | false | ''",
        "/v1/messages | {'type':'message','stop_reason':'refusal','usage':{'input_tokens':9,'cache_read_input_tokens':null,'output_tokens':4}} | 9 | 4 | 0 | 0 | false | true | ''",
        "/v1/messages | {'type':'message','stop_reason':'end_turn'} | 0 | 0 | 0 | 0 | false | false | ''",
        "/v1/messages | {'type':'error','error':{'type':'overloaded_error','message':'m'}} | 0 | 0 | 0 | 0 | false | false | overloaded_error",
        "/v1/embeddings | {'data':[{'embedding':[1]}],'usage':{'prompt_tokens':9,'total_tokens':9}} | 9 | 0 | 0 | 0 | false | false | ''",
        "/v1/conversations | {'outputs':[],'usage':{'prompt_tokens':9,'completion_tokens':4}} | 9 | 4 | 0 | 0 | false | false | ''",
        "/v1/unheard/of | {'stop_reason':'max_tokens','usage':{'input_tokens':9,'cache_read_input_tokens':1}} | 10 | 0 | 1 | 0 | true | false | ''",
      })
  void anAnswerIsReadWhereItsEndpointHasIt(
      String path,
      String body,
      long prompt,
      long completion,
      long cached,
      long reasoning,
      boolean cut,
      boolean filtered,
      String error) {
    ReplyFacts facts = ReplyReader.read(path, bytes(body.replace('\'', '"')));

    assertThat(facts.json()).isTrue();
    assertThat(facts.usage()).isEqualTo(new Usage(prompt, completion, cached, reasoning));
    assertThat(facts.marks().truncated()).isEqualTo(cut);
    assertThat(facts.marks().filtered()).isEqualTo(filtered);
    assertThat(facts.isError()).isEqualTo(!error.isEmpty());
    if (!error.isEmpty()) {
      assertThat(facts.errorCode()).isEqualTo(error);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1", "\"x\"", "[]", "[[[[\"refusal\"]]]]", "{\"type\":\"refusal\"}", "null"})
  void anOutputOfAnyFormIsPassedOver(String output) {
    ReplyFacts facts =
        ReplyReader.read(
            "/v1/responses", bytes("{\"output\":" + output + ",\"usage\":{\"output_tokens\":2}}"));

    assertThat(facts.usage().completionTokens()).isEqualTo(2);
    assertThat(facts.marks().filtered()).isFalse();
  }
}

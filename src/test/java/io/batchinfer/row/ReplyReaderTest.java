package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.BilledUnits;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyReaderTest {
  private static ReplyFacts read(String body) {
    return ReplyReader.read("", body.getBytes(StandardCharsets.UTF_8));
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
        "{\"usage\":{\"prompt_tokens\":-4,\"completion_tokens\":-99999999999999999999}} | 0 | 0 | false",
        "{\"usage\":[1],\"choices\":{\"finish_reason\":\"length\"}} | 0 | 0 | false",
        "[{\"usage\":{\"prompt_tokens\":1}}] | 0 | 0 | false",
      })
  void readsUsageAndTruncation(String body, long prompt, long completion, boolean truncated) {
    ReplyFacts facts = read(body);
    assertThat(facts.json()).isTrue();
    assertThat(facts.usage().promptTokens()).isEqualTo(prompt);
    assertThat(facts.usage().completionTokens()).isEqualTo(completion);
    assertThat(facts.marks().truncated()).isEqualTo(truncated);
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/ocr | {\"pages\":[],\"usage_info\":{\"pages_processed\":7,\"doc_size_bytes\":9}} | 7 | 0",
        "/v1/audio/transcriptions | {\"text\":\"a\",\"usage\":{\"type\":\"duration\",\"seconds\":9}} | 0 | 9",
        "/v1/audio/transcriptions | {\"usage\":{\"prompt_audio_seconds\":4,\"prompt_tokens\":3}} | 0 | 4",
        "/v1/audio/transcriptions | {\"text\":\"a\",\"duration\":12.25} | 0 | 12.25",
        "/v1/audio/transcriptions | {\"text\":\"a\",\"duration\":\"long\"} | 0 | 0",
        "/v1/audio/transcriptions | {\"text\":\"a\",\"duration\":-3} | 0 | 0"
      })
  void readsPagesAndSeconds(String path, String body, long pages, double seconds) {
    ReplyFacts facts = ReplyReader.read(path, body.getBytes(StandardCharsets.UTF_8));

    assertThat(facts.json()).isTrue();
    assertThat(facts.units()).isEqualTo(new BilledUnits(pages, seconds));
  }

  @Test
  void anAnswerInAnotherEncodingIsNoJson() {
    assertThat(ReplyReader.read("", "{\"a\":1}".getBytes(StandardCharsets.UTF_16)).json())
        .isFalse();
    assertThat(ReplyReader.read("", "{\"a\":1}".getBytes(StandardCharsets.UTF_16LE)).json())
        .isFalse();
  }

  @Test
  void aByteOrderMarkIsTolerated() {
    assertThat(read("\uFEFF{\"usage\":{\"prompt_tokens\":3}}").usage()).isEqualTo(new Usage(3, 0));
  }

  @Test
  void longKeysAreTolerated() {
    assertThat(read("{\"" + "k".repeat(100_000) + "\":1}").json()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      emptyValue = "",
      value = {
        "null | null_answer | The endpoint answered null.",
        "{\"choices\":[]} | no_choices | The answer holds no choices.",
        "{\"choices\":null,\"usage\":{}} | no_choices | The answer holds no choices.",
        "{\"choices\":[null]} | no_choices | The answer holds no choices.",
        "{\"choices\":{}} | no_choices | The answer holds no choices.",
        "{\"choices\":[{\"finish_reason\":\"error\"}]} | error_in_choice | A choice of the answer ended with an error.",
        "{\"choices\":[{\"finish_reason\":\"stop\"},{\"error\":{\"code\":502,\"message\":\"Upstream\"},\"finish_reason\":\"error\"}]} | error_in_choice | Upstream",
        "{\"choices\":[{\"error\":{\"code\":\"bad_gateway\"}}]} | bad_gateway | A choice of the answer is an error.",
        "{\"choices\":[{\"error\":\"boom\"}]} | error_in_choice | boom",
      })
  void anAnswerThatIsNoneIsAnError(String body, String code, String message) {
    ReplyFacts facts = read(body);
    assertThat(facts.json()).isTrue();
    assertThat(facts.isError()).isTrue();
    assertThat(facts.errorCode()).isEqualTo(code);
    assertThat(facts.errorMessage()).isEqualTo(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"choices\":[{\"error\":null,\"finish_reason\":\"stop\"}]}",
        "{\"choices\":[{\"message\":{\"error\":{\"code\":1}},\"finish_reason\":\"tool_calls\"}]}",
        "{\"data\":[],\"choices\":[{}]}",
        "{}",
        "[null]",
        "{\"text\":null}",
      })
  void anOrdinaryAnswerIsNoError(String body) {
    assertThat(read(body).isError()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"choices\":[{\"finish_reason\":\"stop\"},{\"finish_reason\":\"content_filter\"}]}",
        "{\"choices\":[{\"finish_reason\":\"content_filter: PROHIBITED_CONTENT\"}]}",
        "{\"incomplete_details\":{\"reason\":\"content_filter\"}}",
      })
  void aContentFilterIsTold(String body) {
    assertThat(read(body).marks()).isEqualTo(new AnswerMarks(false, true, false));
  }

  private static String mended(String body) {
    return mended(body.getBytes(StandardCharsets.UTF_8));
  }

  private static String mended(byte[] body) {
    ReplyReader.Mended mended = ReplyReader.readLeniently("", body).orElseThrow();
    assertThat(mended.facts().marks().repaired()).isTrue();
    return new String(mended.body(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":[NaN,Infinity,-Infinity, NaN ]} | {\"a\":[null,null,null, null ]}",
        "{\"a\":NaN} | {\"a\":null}",
        "{\"NaN\":\"NaN, Infinity\",\"b\":-Infinity} | {\"NaN\":\"NaN, Infinity\",\"b\":null}",
        "{\"a\":\"\\\"NaN\",\"b\":NaN} | {\"a\":\"\\\"NaN\",\"b\":null}",
      })
  void numbersThatAreNoneBecomeNull(String body, String expected) {
    assertThat(mended(body)).isEqualTo(expected);
  }

  @Test
  void rawControlCharactersInTextsAreEscaped() {
    for (char control = 0; control < ' '; control++) {
      assertThat(mended("{\"a\":\"x" + control + "\\\"y\"}\n"))
          .isEqualTo("{\"a\":\"x\\u%04x\\\"y\"}".formatted((int) control));
    }
  }

  @Test
  void whatIsNoUtf8BecomesTheReplacementCharacter() {
    assertThat(mended("{\"a\":\"caf\u00e9 \u00ff\"}".getBytes(StandardCharsets.ISO_8859_1)))
        .isEqualTo("{\"a\":\"caf\uFFFD \uFFFD\"}");
    assertThat(mended("{\"a\":\"ok \u00e2\u0082\"}".getBytes(StandardCharsets.ISO_8859_1)))
        .isEqualTo("{\"a\":\"ok \uFFFD\"}");
  }

  @Test
  void nulAndSpaceAtTheEndGo() {
    assertThat(mended("{\"a\":1}\u0000\u0000 \r\n\u0000")).isEqualTo("{\"a\":1}");
  }

  @Test
  void theFactsOfAMendedAnswerAreRead() {
    ReplyFacts facts =
        ReplyReader.readLeniently(
                "",
                "{\"choices\":[{\"finish_reason\":\"length\",\"logprob\":NaN}],\"usage\":{\"prompt_tokens\":3}}"
                    .getBytes(StandardCharsets.UTF_8))
            .orElseThrow()
            .facts();
    assertThat(facts.marks()).isEqualTo(new AnswerMarks(true, false, true));
    assertThat(facts.usage().promptTokens()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\u0000",
        "<html>",
        "{\"a\":1}xyz",
        "{} {}",
        "data: {\"a\":1}\n\ndata: [DONE]\n\n",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\":\"x\\\n\"}",
        "{\"a\":\"\\x41\"}",
        "{\"a\":1",
        "{\"a\":\"x",
        "{\"a\":NaN1}",
        "{\"a\":1NaN}",
        "{\"a\":nan}",
        "{\"a\":+Infinity}",
        "{NaN:1}",
        "/* NaN */ {\"a\":NaN}",
        "{\"a\":1}\u0000{}",
        "{\"a\"\u0000:1}",
      })
  void whatWouldTakeAGuessIsNotMended(String body) {
    assertThat(ReplyReader.readLeniently("", body.getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @Test
  void anotherEncodingIsNotMended() {
    String body = "{\"a\":NaN}";
    assertThat(ReplyReader.readLeniently("", body.getBytes(StandardCharsets.UTF_16))).isEmpty();
    assertThat(ReplyReader.readLeniently("", body.getBytes(StandardCharsets.UTF_16LE))).isEmpty();
    assertThat(
            ReplyReader.readLeniently(
                "",
                ("[".repeat(9_000) + "NaN" + "]".repeat(9_000)).getBytes(StandardCharsets.UTF_8)))
        .isEmpty();
  }

  /** Whatever is broken into a valid text, mending never yields what a strict reader refuses. */
  @Test
  void whatIsMendedCanBeStored() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    int mendedTexts = 0;
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] body = new RandomJson(seed).value(4).getBytes(StandardCharsets.UTF_8);
      for (int i = random.nextInt(4); i >= 0; i--) {
        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
      }
      var mended = ReplyReader.readLeniently("", body);
      if (mended.isPresent()) {
        mendedTexts++;
        byte[] stored = StoredBody.ofJson(mended.get().body());
        assertThat(mapper.readTree(stored))
            .as("seed %d", seed)
            .isEqualTo(mapper.readTree(mended.get().body()));
      }
    }
    assertThat(mendedTexts).isGreaterThan(1_000);
  }
}

package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.row.LineRules.ModelRule;
import io.batchinfer.row.ParsedLine.Invalid;
import io.batchinfer.row.ParsedLine.Request;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestLineParserTest {
  private static final String CHAT = EndpointPaths.CHAT_COMPLETIONS;

  private static LineRules rules(
      @Nullable String endpoint,
      @Nullable String model,
      ModelRule rule,
      @Nullable String encoding) {
    return new LineRules(endpoint, Set.copyOf(EndpointPaths.KNOWN), model, rule, encoding);
  }

  private static final LineRules PLAIN = rules(CHAT, null, ModelRule.REFUSE, null);

  /** Parses the line from the middle of a larger array, as a reader hands it over. */
  private static ParsedLine parse(LineRules rules, byte[] line) {
    byte[] around = new byte[line.length + 20];
    Arrays.fill(around, (byte) '}');
    System.arraycopy(line, 0, around, 7, line.length);
    return new RequestLineParser(rules).parse(around, 7, line.length);
  }

  private static ParsedLine parse(LineRules rules, String line) {
    return parse(rules, line.getBytes(StandardCharsets.UTF_8));
  }

  private static Request request(LineRules rules, String line) {
    ParsedLine parsed = parse(rules, line);
    assertThat(parsed).isInstanceOf(Request.class);
    return (Request) parsed;
  }

  private static String body(LineRules rules, String line) {
    return new String(request(rules, line).body(), StandardCharsets.UTF_8);
  }

  private static Invalid invalid(LineRules rules, String line) {
    ParsedLine parsed = parse(rules, line);
    assertThat(parsed).isInstanceOf(Invalid.class);
    return (Invalid) parsed;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | {\"agent_id\":\"ag-1\"}",
        "{\"a\":1} | {\"agent_id\":\"ag-1\",\"a\":1}",
        "{\"agent_id\":\"own\"} | {\"agent_id\":\"own\"}",
        "{\"agent_id\":null,\"a\":1} | {\"agent_id\":null,\"a\":1}",
      })
  void theJobsAgentAnswersLinesThatNameNone(String body, String expected) {
    LineRules rules =
        new LineRules(
            CHAT,
            Set.copyOf(EndpointPaths.KNOWN),
            null,
            ModelRule.LINE_WINS,
            null,
            "ag-1",
            Set.of(),
            false);

    assertThat(body(rules, openAi(body))).isEqualTo(expected);
  }

  private static String openAi(String body) {
    return "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":"
        + body
        + "}";
  }

  @ParameterizedTest
  @CsvSource({
    "/v1beta/openai/chat/completions",
    "https://elsewhere/v1beta/openai/chat/completions",
    "/chat/completions"
  })
  void lineMayNameThePathOfTheBaseUrlToo(String url) {
    LineRules rules =
        new LineRules(
            null,
            Set.copyOf(EndpointPaths.KNOWN),
            null,
            ModelRule.REFUSE,
            null,
            null,
            Set.of("/v1beta/openai"),
            false);

    assertThat(request(rules, openAi("{}").replace("/v1/chat/completions", url)).path())
        .isEqualTo(CHAT);
  }

  @Test
  void readsOpenAisFormat() {
    Request request =
        request(
            PLAIN,
            "{\"custom_id\":\"r-1\",\"method\":\"POST\",\"url\":\"/v1/embeddings\",\"body\":{\"input\":\"x\"}}");
    assertThat(request.customId()).isEqualTo("r-1");
    assertThat(request.path()).isEqualTo("/v1/embeddings");
    assertThat(new String(request.body(), StandardCharsets.UTF_8)).isEqualTo("{\"input\":\"x\"}");
  }

  @Test
  void readsMistralsFormatWithTheJobsEndpoint() {
    Request request = request(PLAIN, "{\"custom_id\":\"0\",\"body\":{\"messages\":[]}}");
    assertThat(request.path()).isEqualTo(CHAT);
    assertThat(request.customId()).isEqualTo("0");
  }

  @Test
  void mistralsCustomIdMayBeAbsentOrNull() {
    assertThat(request(PLAIN, "{\"body\":{\"a\":1}}").customId()).isNull();
    assertThat(request(PLAIN, "{\"custom_id\":null,\"body\":{\"a\":1}}").customId()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"body\":{\"model\":\"m\"},\"url\":\"/v1/chat/completions\",\"custom_id\":\"a\",\"method\":\"POST\"}",
        "{\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\"},\"method\":\"post\",\"custom_id\":\"a\"}",
        " \t{ \"method\" : \"POST\" , \"custom_id\" : \"a\" , \"body\" : {\"model\":\"m\"} , \"url\" : \"/v1/chat/completions\" } ",
        "{\"x\":{\"body\":{\"model\":\"no\"}},\"custom_id\":\"a\",\"method\":\"POST\",\"y\":[1,{\"url\":\"no\"}],\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\"},\"z\":null}",
        "{\"custom\\u005fid\":\"\\u0061\",\"method\":\"POST\",\"url\":\"\\/v1\\/chat\\/completions\",\"b\\u006fdy\":{\"model\":\"m\"}}",
        "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"https://api.example.com/v1/chat/completions/\",\"body\":{\"model\":\"m\"}}",
        "{\"custom_id\":\"a\",\"method\":null,\"url\":\"/chat/completions\",\"body\":{\"model\":\"m\"}}",
      })
  void orderSpacesEscapesAndUnknownKeysDoNotMatter(String line) {
    Request request = request(PLAIN, line);
    assertThat(request.customId()).isEqualTo("a");
    assertThat(request.path()).isEqualTo(CHAT);
    assertThat(new String(request.body(), StandardCharsets.UTF_8)).isEqualTo("{\"model\":\"m\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{ }",
        "{\"temperature\":1.0,\"seed\":12345678901234567890,\"x\":1E+2,\"y\":-0.0,\"z\":0.10}",
        "{ \"messages\" : [ {\"role\":\"user\",\"content\":\"Grüße, 世界 \\ud83d\\ude00 😀 \\\"}{\"} ] }",
        "{\"model\":\"m\",\"metadata\":{\"model\":\"\",\"stream\":true},\"stop\":[\"}\",\"]\"]}",
        "{\"max_completion_tokens\":5,\"nested\":{\"stream\":true}}",
      })
  void theBodyTravelsAsItWasWritten(String body) {
    assertThat(body(PLAIN, openAi(body))).isEqualTo(body);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "not json | INVALID_JSON_LINE |",
        "`` | INVALID_JSON_LINE |",
        "[] | INVALID_JSON_LINE |",
        "\"text\" | INVALID_JSON_LINE |",
        "null | INVALID_JSON_LINE |",
        "{\"custom_id\":\"a\" | INVALID_JSON_LINE |",
        "{\"custom_id\":\"a\",\"body\":{\"x\":tru}} | INVALID_JSON_LINE |",
        "{\"custom_id\":\"a\",\"body\":{}} {} | INVALID_JSON_LINE |",
        "{\"custom_id\":\"a\",\"body\":{}}} | INVALID_JSON_LINE |",
        "{\"custom_id\":\"a\",\"body\":{\"x\":01}} | INVALID_JSON_LINE |",
        "{} | MISSING_REQUIRED_PARAMETER | body",
        "{\"custom_id\":\"a\"} | MISSING_REQUIRED_PARAMETER | body",
        "{\"custom_id\":\"a\",\"body\":null} | MISSING_REQUIRED_PARAMETER | body",
        "{\"method\":\"POST\",\"url\":\"/v1/embeddings\",\"body\":{}} | MISSING_REQUIRED_PARAMETER | custom_id",
        "{\"custom_id\":null,\"url\":\"/v1/embeddings\",\"body\":{}} | MISSING_REQUIRED_PARAMETER | custom_id",
        "{\"custom_id\":7,\"body\":{}} | INVALID_TYPE | custom_id",
        "{\"custom_id\":[\"a\"],\"body\":{}} | INVALID_TYPE | custom_id",
        "{\"custom_id\":\"a\",\"method\":true,\"body\":{}} | INVALID_TYPE | method",
        "{\"custom_id\":\"a\",\"url\":{},\"body\":{}} | INVALID_TYPE | url",
        "{\"custom_id\":\"a\",\"body\":\"{}\"} | INVALID_TYPE | body",
        "{\"custom_id\":\"a\",\"body\":[{}]} | INVALID_TYPE | body",
        "{\"custom_id\":\"a\",\"body\":{\"model\":3}} | INVALID_TYPE | body.model",
        "{\"custom_id\":\"a\",\"body\":{\"model\":{\"a\":\"m\"}}} | INVALID_TYPE | body.model",
        "{\"custom_id\":\"a\",\"method\":\"GET\",\"body\":{}} | INVALID_METHOD | method",
        "{\"custom_id\":\"a\",\"url\":\"/v1/files\",\"body\":{}} | INVALID_URL | url",
        "{\"custom_id\":\"a\",\"url\":\"\",\"body\":{}} | INVALID_URL | url",
        "{\"custom_id\":\"a\",\"url\":\"/v1/chat/completions?x=1\",\"body\":{}} | INVALID_URL | url",
        "{\"custom_id\":\"a\",\"url\":\"/v1/../v1/embeddings\",\"body\":{}} | INVALID_URL | url",
        "{\"custom_id\":\"a\",\"url\":\"//evil.example/v1/embeddings\",\"body\":{}} | INVALID_URL | url",
        "{\"custom_id\":\"a\",\"url\":\"/v1/embeddings\\r\\nHost: x\",\"body\":{}} | INVALID_URL | url",
        "{\"custom_id\":\"a\",\"body\":{\"stream\":true}} | STREAMING_UNSUPPORTED | body.stream",
        "{\"custom_id\":\"a\",\"body\":{\"stream\":1}} | STREAMING_UNSUPPORTED | body.stream",
        "{\"custom_id\":\"a\",\"body\":{\"stream\":{\"on\":true}}} | STREAMING_UNSUPPORTED | body.stream",
      })
  void aBadLineIsAValueWithItsCode(String line, ErrorCode code, @Nullable String param) {
    Invalid invalid = invalid(PLAIN, line);
    assertThat(invalid.code()).isEqualTo(code);
    assertThat(invalid.param()).isEqualTo(param);
    assertThat(invalid.message()).isNotBlank();
  }

  @Test
  void aBadLineKeepsItsCustomIdWhereItCanBeRead() {
    assertThat(invalid(PLAIN, "{\"custom_id\":\"a\",\"body\":3}").customId()).isEqualTo("a");
    assertThat(invalid(PLAIN, "{\"custom_id\":\"a\",\"body\":{\"x\":}").customId()).isEqualTo("a");
  }

  @Test
  void aLineWithoutEndpointIsInvalidWhenTheJobHasNone() {
    LineRules rules = rules(null, null, ModelRule.REFUSE, null);
    Invalid invalid = invalid(rules, "{\"custom_id\":\"a\",\"body\":{}}");
    assertThat(invalid.code()).isEqualTo(ErrorCode.MISSING_REQUIRED_PARAMETER);
    assertThat(invalid.param()).isEqualTo("url");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "false"})
  void streamMayBeAbsentNullOrFalse(String value) {
    String body = "{\"stream\":" + value + ",\"messages\":[]}";
    assertThat(body(PLAIN, openAi(body))).isEqualTo(body);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "UTF-32BE"})
  void aLineInAnotherEncodingIsInvalid(String charset) {
    byte[] line = "{\"custom_id\":\"a\",\"body\":{\"m\":1}}".getBytes(Charset.forName(charset));
    ParsedLine parsed = parse(PLAIN, line);
    assertThat(parsed).isInstanceOf(Invalid.class);
    assertThat(((Invalid) parsed).code()).isEqualTo(ErrorCode.INVALID_JSON_LINE);
  }

  @Test
  void aByteOrderMarkInTheMiddleOfAFileDoesNotShiftTheBody() {
    ParsedLine parsed = parse(PLAIN, "\uFEFF" + openAi("{\"a\":1}"));
    if (parsed instanceof Request request) {
      assertThat(new String(request.body(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":1}");
    } else {
      assertThat(((Invalid) parsed).code()).isEqualTo(ErrorCode.INVALID_JSON_LINE);
    }
  }

  @Test
  void bytesThatAreNotUtf8AreInvalid() {
    byte[] line = openAi("{\"a\":\"xx\"}").getBytes(StandardCharsets.UTF_8);
    line[line.length - 5] = (byte) 0xff;
    ParsedLine parsed = parse(PLAIN, line);
    assertThat(parsed).isInstanceOf(Invalid.class);
    assertThat(((Invalid) parsed).code()).isEqualTo(ErrorCode.INVALID_JSON_LINE);
  }

  @Test
  void deepNestingIsInvalidRatherThanACrash() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    assertThat(invalid(PLAIN, openAi("{\"a\":" + deep + "}")).code())
        .isEqualTo(ErrorCode.INVALID_JSON_LINE);
  }

  @Test
  void aLongKeyIsNoReasonToRefuseALine() {
    String body = "{\"" + "k".repeat(100_000) + "\":1}";
    assertThat(body(PLAIN, openAi(body))).isEqualTo(body);
  }

  @Test
  void ofARepeatedKeyTheLastCounts() {
    String line =
        "{\"custom_id\":\"x\",\"custom_id\":\"a\",\"body\":{\"old\":1},\"body\":{\"model\":\"m\",\"model\":\"\"}}";
    LineRules rules = rules(CHAT, "job", ModelRule.REFUSE, null);
    assertThat(request(rules, line).customId()).isEqualTo("a");
    assertThat(body(rules, line)).isEqualTo("{\"model\":\"m\",\"model\":\"job\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                          | {\"model\":\"job\"}",
        "{ }                         | {\"model\":\"job\" }",
        "{\"a\":1}                   | {\"model\":\"job\",\"a\":1}",
        "{ \"a\" : 1 }               | {\"model\":\"job\", \"a\" : 1 }",
        "{\"model\":\"\"}            | {\"model\":\"job\"}",
        "{\"model\":null}            | {\"model\":\"job\"}",
        "{\"model\":null,\"a\":1}    | {\"model\":\"job\",\"a\":1}",
        "{ \"model\" : \"\" , \"a\":1 } | { \"model\" : \"job\" , \"a\":1 }",
        "{\"a\":1, \"model\": null } | {\"a\":1, \"model\": \"job\" }",
        "{\"a\":1.50,\"m\\u006fdel\":\"\"} | {\"a\":1.50,\"m\\u006fdel\":\"job\"}",
        "{\"é\":\"ü\",\"model\":\"\",\"b\":\"世\"} | {\"é\":\"ü\",\"model\":\"job\",\"b\":\"世\"}",
        "{\"model\":\"job\"}         | {\"model\":\"job\"}",
        "{\"model\":\"j\\u006fb\"}   | {\"model\":\"j\\u006fb\"}",
      })
  void theJobsModelFillsAnAbsentOrEmptyOne(String body, String expected) {
    for (ModelRule rule : ModelRule.values()) {
      assertThat(body(rules(CHAT, "job", rule, null), openAi(body)))
          .as("%s", rule)
          .isEqualTo(expected);
    }
  }

  @Test
  void whoWinsWhenLineAndJobNameModelsIsTheRules() {
    String line = openAi("{\"model\":\"line\",\"a\":1}");
    Invalid refused = invalid(rules(CHAT, "job", ModelRule.REFUSE, null), line);
    assertThat(refused.code()).isEqualTo(ErrorCode.MISMATCHED_MODEL);
    assertThat(refused.param()).isEqualTo("body.model");
    assertThat(body(rules(CHAT, "job", ModelRule.JOB_WINS, null), line))
        .isEqualTo("{\"model\":\"job\",\"a\":1}");
    assertThat(body(rules(CHAT, "job", ModelRule.LINE_WINS, null), line))
        .isEqualTo("{\"model\":\"line\",\"a\":1}");
    assertThat(body(rules(CHAT, null, ModelRule.REFUSE, null), line))
        .isEqualTo("{\"model\":\"line\",\"a\":1}");
  }

  @Test
  void aModelNameIsEscapedWhenItIsFilledIn() {
    assertThat(body(rules(CHAT, "a\"b\\é", ModelRule.REFUSE, null), openAi("{}")))
        .isEqualTo("{\"model\":\"a\\\"b\\\\é\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}            | {\"encoding_format\":\"base64\",\"model\":\"job\"}",
        "{\"input\":1} | {\"encoding_format\":\"base64\",\"model\":\"job\",\"input\":1}",
        "{\"model\":\"\",\"input\":1} | {\"encoding_format\":\"base64\",\"model\":\"job\",\"input\":1}",
        "{\"encoding_format\":\"float\",\"model\":\"job\"} | {\"encoding_format\":\"float\",\"model\":\"job\"}",
        "{\"model\":\"job\"} | {\"encoding_format\":\"base64\",\"model\":\"job\"}",
      })
  void theEncodingOfEmbeddingsIsFilledIn(String body, String expected) {
    LineRules rules = rules(EndpointPaths.EMBEDDINGS, "job", ModelRule.REFUSE, "base64");
    assertThat(body(rules, "{\"custom_id\":\"a\",\"body\":" + body + "}")).isEqualTo(expected);
  }

  @Test
  void theEncodingIsForEmbeddingsAlone() {
    assertThat(body(rules(CHAT, null, ModelRule.REFUSE, "base64"), openAi("{}"))).isEqualTo("{}");
    LineRules rules = rules(EndpointPaths.EMBEDDINGS, null, ModelRule.REFUSE, "base64");
    assertThat(body(rules, "{\"custom_id\":\"a\",\"body\":{}}"))
        .isEqualTo("{\"encoding_format\":\"base64\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"max_tokens\":7} | 7",
        "{\"max_tokens\":7,\"max_completion_tokens\":9} | 9",
        "{\"max_output_tokens\":3} | 3",
        "{\"max_tokens\":null} | -1",
        "{\"max_tokens\":99999999999999999999} | -1",
        "{\"max_tokens\":\"7\"} | -1",
        "{} | -1",
      })
  void readsTheLimitOfTheAnswer(String body, int tokens) {
    assertThat(request(PLAIN, openAi(body)).answerTokens()).isEqualTo(tokens);
  }

  @Test
  void neverShowsABody() {
    assertThat(request(PLAIN, openAi("{\"secret\":1}")).toString()).doesNotContain("secret");
  }

  private static String faultOf(byte[] line) {
    return ((Invalid) parse(PLAIN, line)).message();
  }

  @Test
  void theBytesOfALineThatIsNoJsonAreCalledByTheirName() {
    String good = "{\"custom_id\":\"caf\u00e9\",\"body\":{\"model\":\"m\"}}";
    byte[] utf8 = good.getBytes(StandardCharsets.UTF_8);

    assertThat(faultOf(new byte[512]))
        .contains("holds NUL bytes, 512 of them, the first at byte 1,");
    assertThat(faultOf(Arrays.copyOf(utf8, utf8.length + 3)))
        .contains("NUL bytes, 3 of them, the first at byte " + (utf8.length + 1));
    assertThat(faultOf(good.replace("caf", "c\0f").getBytes(StandardCharsets.UTF_8)))
        .contains("NUL bytes, 1 of them");
    assertThat(faultOf(good.getBytes(StandardCharsets.ISO_8859_1)))
        .contains(
            "not UTF-8: byte 18 is E9, which is \"\u00e9\" in Latin-1", "iconv -f WINDOWS-1252");
    assertThat(faultOf(good.replace("\u00e9", "\u201c").getBytes(Charset.forName("windows-1252"))))
        .contains("byte 18 is 93, which is \"\u201c\"");
    assertThat(faultOf(("\uFEFF" + good).getBytes(StandardCharsets.UTF_8)))
        .contains("begins with a byte order mark");
    assertThat(faultOf(Arrays.copyOf(utf8, 18))).contains("the line's end cuts off");
    assertThat(faultOf("{\"custom_id\": caf\u00e9}".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("This line is not parseable as valid JSON.");
    assertThat(faultOf(new byte[0])).isEqualTo("This line is not parseable as valid JSON.");
  }
}

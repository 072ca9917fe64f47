package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.RowId;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.Usage;
import io.batchinfer.row.LineRules.ModelRule;
import io.batchinfer.row.ParsedLine.Invalid;
import io.batchinfer.row.ParsedLine.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the batch documents of Mistral, Predibase and Parasail say of lines and results. */
class SeedStatementsTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final ResultLineWriter WRITER =
      new ResultLineWriter(new RowKey(new Hash128(1, 2)), List.of("file:/in.jsonl"));

  private static ParsedLine parse(
      @Nullable String endpoint, @Nullable String model, ModelRule rule, String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    return new RequestLineParser(
            new LineRules(endpoint, Set.copyOf(EndpointPaths.KNOWN), model, rule, null))
        .parse(bytes, 0, bytes.length);
  }

  private static JsonNode body(ParsedLine parsed) throws IOException {
    assertThat(parsed).isInstanceOf(Request.class);
    return MAPPER.readTree(((Request) parsed).body());
  }

  private static JsonNode result(int status, String body) throws IOException {
    byte[] stored = StoredBody.ofJson(body.getBytes(StandardCharsets.UTF_8));
    return MAPPER.readTree(
        WRITER.render(
            new RowId(0, 1),
            "a",
            new Answered(status, "", stored, Usage.NONE, AnswerMarks.NONE, "")));
  }

  @Test
  void mistralALineWithoutMethodUrlAndModelIsAccepted() throws IOException {
    ParsedLine line =
        parse(
            EndpointPaths.CHAT_COMPLETIONS,
            "mistral-small-latest",
            ModelRule.REFUSE,
            "{\"custom_id\":\"0\",\"body\":{\"max_tokens\":100,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}}");
    assertThat(((Request) line).path()).isEqualTo("/v1/chat/completions");
    assertThat(body(line).get("model").textValue()).isEqualTo("mistral-small-latest");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ministral-3b", "codestral-latest"})
  void mistralTheSameLineRunsUnderAnotherModel(String model) throws IOException {
    ParsedLine line =
        parse("/v1/chat/completions", model, ModelRule.REFUSE, "{\"custom_id\":\"0\",\"body\":{}}");
    assertThat(body(line).get("model").textValue()).isEqualTo(model);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/chat/completions", "/v1/embeddings", "/v1/fim/completions", "/v1/moderations",
        "/v1/chat/moderations", "/v1/ocr", "/v1/classifications", "/v1/conversations",
        "/v1/audio/transcriptions"
      })
  void mistralTheNineEndpointsAreServed(String endpoint) {
    ParsedLine line =
        parse(endpoint, "m", ModelRule.REFUSE, "{\"custom_id\":\"0\",\"body\":{\"input\":\"x\"}}");
    assertThat(((Request) line).path()).isEqualTo(endpoint);
  }

  @Test
  void predibaseTheUniqueIdIsAString() {
    String line =
        "{\"custom_id\":1,\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{}}";
    ParsedLine parsed = parse(null, null, ModelRule.LINE_WINS, line);
    assertThat(((Invalid) parsed).code()).isEqualTo(ErrorCode.INVALID_TYPE);
  }

  @Test
  void predibaseAnEmptyModelIsTheBaseModelAndAnyOtherAnAdapter() throws IOException {
    String line =
        "{\"custom_id\":\"1\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"%s\"}}";
    assertThat(
            body(parse(null, "base", ModelRule.LINE_WINS, line.formatted("")))
                .get("model")
                .textValue())
        .isEqualTo("base");
    assertThat(
            body(parse(null, "base", ModelRule.LINE_WINS, line.formatted("my-adapter/1")))
                .get("model")
                .textValue())
        .isEqualTo("my-adapter/1");
    assertThat(
            body(parse(null, null, ModelRule.LINE_WINS, line.formatted("")))
                .get("model")
                .textValue())
        .isEmpty();
  }

  @Test
  void predibaseAResultRowHoldsTheBodyVerbatimWithItsNullFields() throws IOException {
    String body =
        "{\"id\":\"null\",\"object\":\"text_completion\",\"created\":0,\"model\":\"m\",\"system_fingerprint\":null,"
            + "\"choices\":[{\"index\":0,\"message\":{\"content\":\"x\",\"tool_calls\":null},\"logprobs\":null,\"finish_reason\":null}],"
            + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":null}}";
    JsonNode row = result(200, body);
    assertThat(row.get("custom_id").textValue()).isEqualTo("a");
    assertThat(row.at("/response/status_code").intValue()).isEqualTo(200);
    assertThat(row.at("/response/body").toString()).isEqualTo(body);
    assertThat(row.get("error").isNull()).isTrue();
  }

  @Test
  void parasailChatAndEmbeddingsLinesHaveTheFourKeys() {
    for (String url : List.of("/v1/chat/completions", "/v1/embeddings")) {
      String line =
          "{\"custom_id\":\"1\",\"method\":\"POST\",\"url\":\"%s\",\"body\":{\"model\":\"m\"}}";
      ParsedLine parsed = parse(null, null, ModelRule.REFUSE, line.formatted(url));
      assertThat(((Request) parsed).path()).isEqualTo(url);
    }
  }

  @Test
  void parasailStreamIsAbsentOrFalse() {
    String line =
        "{\"custom_id\":\"1\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"stream\":%s}}";
    assertThat(parse(null, null, ModelRule.REFUSE, line.formatted("false")))
        .isInstanceOf(Request.class);
    assertThat(((Invalid) parse(null, null, ModelRule.REFUSE, line.formatted("true"))).code())
        .isEqualTo(ErrorCode.STREAMING_UNSUPPORTED);
  }

  @Test
  void parasailMaxCompletionTokensPassesThrough() throws IOException {
    String line =
        "{\"custom_id\":\"1\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"max_completion_tokens\":1024}}";
    assertThat(
            body(parse(null, "m", ModelRule.REFUSE, line)).get("max_completion_tokens").intValue())
        .isEqualTo(1024);
  }

  @Test
  void parasailBase64EmbeddingsAreKeptAndDecodeWithoutLoss() throws IOException {
    float[] vector = {0f, -0f, 1.5f, Float.MIN_VALUE, Float.MAX_VALUE, (float) Math.PI};
    ByteBuffer bytes = ByteBuffer.allocate(4 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    String encoded = Base64.getEncoder().encodeToString(bytes.array());
    JsonNode row =
        result(
            200,
            "{\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":\"" + encoded + "\"}]}");
    byte[] decoded =
        Base64.getDecoder().decode(row.at("/response/body/data/0/embedding").textValue());
    float[] read = new float[vector.length];
    ByteBuffer.wrap(decoded).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(read);
    assertThat(read).containsExactly(vector);
    String line =
        "{\"custom_id\":\"1\",\"method\":\"POST\",\"url\":\"/v1/embeddings\",\"body\":{\"model\":\"m\",\"encoding_format\":\"base64\"}}";
    assertThat(body(parse(null, "m", ModelRule.REFUSE, line)).get("encoding_format").textValue())
        .isEqualTo("base64");
  }

  @Test
  void parasailTheStatusIsThatOfTheInteractiveCall() throws IOException {
    JsonNode row = result(422, "{\"detail\":\"too long\"}");
    assertThat(row.at("/response/status_code").intValue()).isEqualTo(422);
    assertThat(row.at("/response/body/detail").textValue()).isEqualTo("too long");
  }
}

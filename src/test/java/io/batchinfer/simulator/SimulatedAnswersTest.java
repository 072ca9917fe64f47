package io.batchinfer.simulator;

import static io.batchinfer.simulator.Calls.chat;
import static io.batchinfer.simulator.Calls.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.model.EndpointPaths;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedAnswersTest {
  private static final Map<String, String> REQUESTS =
      Map.ofEntries(
          Map.entry("/v1/chat/completions", chat("hello")),
          Map.entry("/v1/completions", "{\"model\":\"m\",\"prompt\":\"hello\"}"),
          Map.entry("/v1/responses", "{\"model\":\"m\",\"input\":\"hello\"}"),
          Map.entry("/v1/embeddings", "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}"),
          Map.entry("/v1/fim/completions", "{\"model\":\"m\",\"prompt\":\"def f(\"}"),
          Map.entry("/v1/moderations", "{\"input\":[\"a\",\"b\"]}"),
          Map.entry(
              "/v1/chat/moderations",
              "{\"model\":\"m\",\"input\":[[{\"role\":\"user\",\"content\":\"a\"}]]}"),
          Map.entry(
              "/v1/messages",
              "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}"),
          Map.entry(
              "/v1/ocr",
              "{\"model\":null,\"document\":{\"type\":\"document_url\",\"document_url\":\"u\"}}"),
          Map.entry("/v1/classifications", "{\"model\":\"m\",\"input\":\"a\"}"),
          Map.entry(
              "/v1/chat/classifications",
              "{\"model\":\"m\",\"input\":{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}}"),
          Map.entry("/v1/conversations", "{\"model\":\"m\",\"inputs\":\"hello\"}"),
          Map.entry("/v1/audio/transcriptions", "{\"model\":\"m\",\"file_url\":\"https://a/b\"}"),
          Map.entry("/v1/score", "{\"model\":\"m\",\"text_1\":\"a\",\"text_2\":[\"b\",\"c\"]}"),
          Map.entry(
              "/v1/rerank",
              "{\"model\":\"m\",\"query\":\"a\",\"documents\":[\"b\",\"c\"],\"top_n\":1}"));

  private static SimulatedEndpoint endpoint;
  private static final String FIRST_VECTOR = "/data/0/embedding";

  private static Calls calls;

  @BeforeAll
  static void start() {
    endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
    calls = new Calls(endpoint);
  }

  @AfterAll
  static void stop() {
    endpoint.close();
  }

  static List<String> paths() {
    return EndpointPaths.KNOWN;
  }

  private static String requestTo(String path) {
    return Objects.requireNonNull(REQUESTS.get(path), path);
  }

  @ParameterizedTest
  @MethodSource("paths")
  void everyKnownEndpointAnswersAndSaysThatItIsSimulated(String path) {
    HttpResponse<byte[]> response = calls.post(path, requestTo(path));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("x-simulated-by")).hasValue("batchinfer simulate");
    assertThat(response.headers().firstValue("server")).hasValue("batchinfer-simulator");
    assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(new String(response.body(), UTF_8)).contains("batchinfer-simulator");
  }

  @ParameterizedTest
  @MethodSource("paths")
  void theAnswerDependsOnRequestAndSeedAlone(String path) {
    String request = requestTo(path);
    byte[] answer = calls.post(path, request).body();
    assertThat(calls.post(path, request).body()).isEqualTo(answer);
    try (SimulatedEndpoint twin = SimulatedEndpoint.start(SimulatorSettings.defaults());
        SimulatedEndpoint other =
            SimulatedEndpoint.start(SimulatorSettings.builder().seed(1).build())) {
      HttpResponse<byte[]> again = new Calls(twin).post(path, request);
      assertThat(again.body()).isEqualTo(answer);
      assertThat(again.headers().firstValue("x-request-id"))
          .isEqualTo(calls.post(path, request).headers().firstValue("x-request-id"));
      assertThat(new Calls(other).post(path, request).body()).isNotEqualTo(answer);
    }
  }

  @Test
  void chatHasTextAndConsistentTokenCounts() {
    JsonNode answer = json(calls.post("/v1/chat/completions", chat("how are you")));

    assertThat(answer.path("object").asText()).isEqualTo("chat.completion");
    assertThat(answer.path("model").asText()).isEqualTo("m");
    assertThat(answer.path("system_fingerprint").asText()).isEqualTo("batchinfer-simulator");
    assertThat(answer.at("/choices/0/message/content").asText()).startsWith("Simulated answer");
    assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    JsonNode usage = answer.path("usage");
    assertThat(usage.path("prompt_tokens").asInt()).isBetween(5, 20);
    assertThat(usage.path("completion_tokens").asInt()).isBetween(1, 128);
    assertThat(usage.path("total_tokens").asInt())
        .isEqualTo(usage.path("prompt_tokens").asInt() + usage.path("completion_tokens").asInt());
  }

  @ParameterizedTest
  @ValueSource(strings = {"max_tokens", "max_completion_tokens"})
  void theTokenLimitCutsTheAnswer(String field) {
    String request =
        """
        {"model":"m","%s":7,"messages":[{"role":"user","content":"[[tokens:50]]"}]}"""
            .formatted(field);
    JsonNode answer = json(calls.post("/v1/chat/completions", request));

    assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(7);
    assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("length");
  }

  @Test
  void aMarkerFixesTheCompletionTokens() {
    JsonNode answer = json(calls.post("/v1/chat/completions", chat("[[tokens:50]]")));

    assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(50);
  }

  @Test
  void asManyChoicesAsAskedForAreCounted() {
    JsonNode answer =
        json(
            calls.post(
                "/v1/completions",
                "{\"model\":\"m\",\"prompt\":[\"a\",\"[[tokens:3]]\"],\"n\":2}"));

    assertThat(answer.path("choices")).hasSize(4);
    assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(12);
  }

  @Test
  void aRequestForJsonGetsJson() {
    String request =
        """
        {"model":"m","response_format":{"type":"json_object"},\
        "messages":[{"role":"user","content":"a"}]}""";
    JsonNode answer = json(calls.post("/v1/chat/completions", request));

    String content = answer.at("/choices/0/message/content").asText();
    assertThat(json(content.getBytes(UTF_8)).isObject()).isTrue();
  }

  private static final String PERSON =
      """
      {"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":1,"maximum":99}},\
      "required":["name","age"],"additionalProperties":false}""";

  private static void assertPerson(String text) {
    JsonNode person = json(text.getBytes(UTF_8));
    assertThat(person).hasSize(2);
    assertThat(person.path("name").isTextual()).isTrue();
    assertThat(person.path("age").asInt()).isBetween(1, 99);
  }

  @Test
  void aRequestForASchemaGetsWhatFits() {
    String chat =
        """
        {"model":"m","n":2,"response_format":{"type":"json_schema","json_schema":{"name":"p","schema":%s}},\
        "messages":[{"role":"user","content":"a"}]}"""
            .formatted(PERSON);
    String response =
        """
        {"model":"m","input":"a","text":{"format":{"type":"json_schema","name":"p","schema":%s}}}"""
            .formatted(PERSON);
    JsonNode choices = json(calls.post("/v1/chat/completions", chat)).path("choices");
    JsonNode output = json(calls.post("/v1/responses", response)).at("/output/0");

    assertThat(choices).hasSize(2);
    for (JsonNode choice : choices) {
      assertPerson(choice.at("/message/content").asText());
      assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
    }
    assertPerson(output.at("/content/0/text").asText());
  }

  @Test
  void anAnswerThatFitsIsCutByTheTokenLimit() {
    String chat =
        """
        {"model":"m","max_tokens":2,"response_format":{"type":"json_schema","json_schema":{"name":"p","schema":%s}},\
        "messages":[{"role":"user","content":"a"}]}"""
            .formatted(PERSON);
    JsonNode answer = json(calls.post("/v1/chat/completions", chat));

    assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("length");
    assertThat(answer.at("/choices/0/message/content").asText()).hasSize(8).startsWith("{");
    assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(2);
  }

  @Test
  void aSchemaThatIsMissingIsRefused() {
    HttpResponse<byte[]> refused =
        calls.post(
            "/v1/chat/completions",
            """
            {"model":"m","response_format":{"type":"json_schema"},"messages":[{"role":"user","content":"a"}]}""");

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(json(refused.body()).at("/error/param").asText()).isEqualTo("response_format");
  }

  private static String withTools(String choice, String lastRole) {
    return """
        {"model":"m","tools":[{"type":"function","function":{"name":"lookup","parameters":%s}},\
        {"type":"function","function":{"name":"stop"}}]%s,\
        "messages":[{"role":"user","content":"a"},{"role":"%s","content":"b"}]}"""
        .formatted(PERSON, choice, lastRole);
  }

  @Test
  void toolsAreCalledWithArgumentsThatFit() {
    String lookup = ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"lookup\"}}";
    JsonNode choice =
        json(calls.post("/v1/chat/completions", withTools(lookup, "user"))).at("/choices/0");
    JsonNode function = choice.at("/message/tool_calls/0/function");

    assertThat(choice.path("finish_reason").asText()).isEqualTo("tool_calls");
    assertThat(choice.at("/message/content").isNull()).isTrue();
    assertThat(choice.at("/message/tool_calls/0/type").asText()).isEqualTo("function");
    assertThat(choice.at("/message/tool_calls/0/id").asText()).startsWith("call_");
    assertThat(function.path("name").asText()).isEqualTo("lookup");
    assertPerson(function.path("arguments").asText());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "|user|tool_calls",
        ",\"tool_choice\":\"auto\"|user|tool_calls",
        ",\"tool_choice\":\"required\"|tool|tool_calls",
        ",\"tool_choice\":\"any\"|user|tool_calls",
        ",\"tool_choice\":\"none\"|user|stop",
        ",\"tool_choice\":\"auto\"|tool|stop",
      })
  void toolChoiceSaysWhetherAToolIsCalled(String example) {
    String[] parts = example.split("\\|", -1);
    JsonNode answer = json(calls.post("/v1/chat/completions", withTools(parts[0], parts[1])));

    assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo(parts[2]);
    assertThat(answer.at("/choices/0/message/tool_calls").isArray())
        .isEqualTo(parts[2].equals("tool_calls"));
  }

  @Test
  void aResponseCallsAFunction() {
    JsonNode output =
        json(calls.post(
                "/v1/responses",
                """
                {"model":"m","input":"a","tools":[{"type":"web_search"},{"type":"function","name":"lookup","parameters":%s}]}"""
                    .formatted(PERSON)))
            .at("/output/0");

    assertThat(output.path("type").asText()).isEqualTo("function_call");
    assertThat(output.path("name").asText()).isEqualTo("lookup");
    assertPerson(output.path("arguments").asText());
  }

  @Test
  void aMessageCallsAToolAndSaysWhereItWasCut() {
    String request =
        """
        {"model":"m","max_tokens":%d,"tools":[{"name":"lookup","input_schema":%s}],\
        "tool_choice":{"type":"any"},"messages":[{"role":"user","content":"[[cached:2]]"}]}""";
    JsonNode whole = json(calls.post("/v1/messages", request.formatted(900, PERSON)));
    JsonNode cut = json(calls.post("/v1/messages", request.formatted(2, PERSON)));

    assertThat(whole.path("stop_reason").asText()).isEqualTo("tool_use");
    assertThat(whole.at("/content/0/name").asText()).isEqualTo("lookup");
    assertPerson(whole.at("/content/0/input").toString());
    assertThat(whole.at("/usage/cache_read_input_tokens").asInt()).isEqualTo(2);
    assertThat(cut.path("stop_reason").asText()).isEqualTo("max_tokens");
    assertThat(cut.at("/usage/output_tokens").asInt()).isEqualTo(2);
  }

  @Test
  void theEmptyModelIsTheBaseModel() {
    HttpResponse<byte[]> response =
        calls.post(
            "/v1/chat/completions",
            "{\"model\":\"\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(json(response).path("model").asText()).isEqualTo("simulated-base-model");
  }

  @Test
  void embeddingsAreUnitVectorsInBothEncodings() {
    String request = "{\"model\":\"m\",\"input\":[\"a\",\"b\",\"a\"],\"dimensions\":8%s}";
    JsonNode floats = json(calls.post("/v1/embeddings", request.formatted(""))).path("data");
    JsonNode encoded =
        json(calls.post("/v1/embeddings", request.formatted(",\"encoding_format\":\"base64\"")))
            .path("data");

    assertThat(floats).hasSize(3);
    assertThat(floats.get(0).path("embedding")).isEqualTo(floats.get(2).path("embedding"));
    assertThat(floats.get(0).path("embedding")).isNotEqualTo(floats.get(1).path("embedding"));
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(encoded.get(1).path("embedding").asText()))
            .order(ByteOrder.LITTLE_ENDIAN);
    assertThat(bytes.remaining()).isEqualTo(32);
    double squares = 0;
    for (JsonNode value : floats.get(1).path("embedding")) {
      float decoded = bytes.getFloat();
      assertThat((float) value.asDouble()).isEqualTo(decoded);
      squares += decoded * (double) decoded;
    }
    assertThat(squares).isBetween(0.999, 1.001);
  }

  @Test
  void anInputHasTheSameVectorAloneAndAmongOthers() {
    String request = "{\"model\":\"m\",\"input\":%s}";
    JsonNode texts = json(calls.post("/v1/embeddings", request.formatted("[\"a\",\"b\"]")));
    JsonNode lists = json(calls.post("/v1/embeddings", request.formatted("[[1,2],[3]]")));

    assertThat(json(calls.post("/v1/embeddings", request.formatted("\"b\""))).at(FIRST_VECTOR))
        .isEqualTo(texts.at("/data/1/embedding"));
    assertThat(json(calls.post("/v1/embeddings", request.formatted("[3]"))).at(FIRST_VECTOR))
        .isEqualTo(lists.at("/data/1/embedding"));
  }

  @Test
  void oneEmptyInputRefusesAllOthers() {
    String request = "{\"model\":\"m\",\"input\":[\"a\",\"\",\"b\"]}";
    HttpResponse<byte[]> response = calls.post("/v1/embeddings", request);
    String many = "\"a\",".repeat(2048) + "\"a\"";

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).at("/error/message").asText()).contains("input 2 of 3 is empty");
    assertThat(
            calls
                .post("/v1/embeddings", "{\"model\":\"m\",\"input\":[%s]}".formatted(many))
                .statusCode())
        .isEqualTo(400);
  }

  @Test
  void embeddingsHaveAsManyDimensionsAsMistralsFieldSays() {
    JsonNode answer =
        json(
            calls.post(
                "/v1/embeddings", "{\"model\":\"m\",\"input\":[1,2,3],\"output_dimension\":5}"));

    assertThat(answer.path("data")).hasSize(1);
    assertThat(answer.at("/data/0/embedding")).hasSize(5);
  }

  @Test
  void rerankOrdersAndQuotesTheDocuments() {
    JsonNode results =
        json(calls.post(
                "/v1/rerank",
                "{\"model\":\"m\",\"query\":\"q\",\"documents\":[\"x\",\"y \\\"\",\"z\"]}"))
            .path("results");

    assertThat(results).hasSize(3);
    assertThat(results.get(0).path("relevance_score").asDouble())
        .isGreaterThanOrEqualTo(results.get(1).path("relevance_score").asDouble());
    assertThat(results.findValuesAsText("text")).containsExactlyInAnyOrder("x", "y \"", "z");
  }

  @Test
  void ocrReadsTheAskedPages() {
    JsonNode answer =
        json(
            calls.post(
                "/v1/ocr",
                "{\"model\":\"o\",\"pages\":[0,4],\"document\":{\"document_url\":\"u\"}}"));

    assertThat(answer.path("pages")).hasSize(2);
    assertThat(answer.at("/pages/1/index").asInt()).isEqualTo(4);
    assertThat(answer.at("/usage_info/pages_processed").asInt()).isEqualTo(2);
  }

  @Test
  void aResponseCutByItsLimitIsIncomplete() {
    JsonNode answer =
        json(
            calls.post(
                "/v1/responses",
                "{\"model\":\"m\",\"input\":\"[[tokens:9]]\",\"max_output_tokens\":4}"));

    assertThat(answer.path("status").asText()).isEqualTo("incomplete");
    assertThat(answer.at("/incomplete_details/reason").asText()).isEqualTo("max_output_tokens");
    assertThat(answer.at("/usage/output_tokens").asInt()).isEqualTo(4);
  }

  @Test
  void labelsComeForEveryInput() {
    JsonNode moderation =
        json(calls.post("/v1/moderations", "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}"));
    JsonNode conversation =
        json(
            calls.post(
                "/v1/chat/moderations",
                """
                {"model":"m","input":[{"role":"user","content":"a"},\
                {"role":"assistant","content":"b"}]}"""));
    JsonNode classification =
        json(
            calls.post(
                "/v1/chat/classifications",
                """
                {"model":"m","input":[{"messages":[{"role":"user","content":"a"}]},\
                {"messages":[{"role":"user","content":"b"}]}]}"""));

    assertThat(moderation.path("results")).hasSize(2);
    assertThat(moderation.at("/results/0/categories/violence").isBoolean()).isTrue();
    assertThat(conversation.path("results")).hasSize(1);
    assertThat(classification.path("results")).hasSize(2);
    assertThat(classification.at("/results/0/sentiment/scores/positive").isDouble()).isTrue();
  }

  @Test
  void aTranscriptionTakesAFormWhateverItsBoundary() {
    HttpResponse<byte[]> first = calls.send(form("first", "[[tokens:5]] sound"));
    HttpResponse<byte[]> second = calls.send(form("second", "[[tokens:5]] sound"));
    HttpResponse<byte[]> other = calls.send(form("first", "[[tokens:5]] other"));

    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(json(first).at("/usage/completion_tokens").asInt()).isEqualTo(5);
    assertThat(json(first).path("language").asText()).isEqualTo("en");
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(other.body()).isNotEqualTo(first.body());
  }

  private static HttpRequest form(String boundary, String audio) {
    String body =
        """
        --%1$s\r
        Content-Disposition: form-data; name="model"\r
        \r
        m\r
        --%1$s\r
        Content-Disposition: form-data; name="file"; filename="a.wav"\r
        Content-Type: application/octet-stream\r
        \r
        %2$s\r
        --%1$s--\r
        """
            .formatted(boundary, audio);
    return HttpRequest.newBuilder(endpoint.baseUrl().resolve("/v1/audio/transcriptions"))
        .header("Content-Type", "multipart/form-data; boundary=" + boundary)
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  @Test
  void modelsAreListed() {
    assertThat(json(calls.get("/v1/models")).at("/data/0/object").asText()).isEqualTo("model");
    assertThat(calls.get("/health").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\":\"m\"}|messages|missing_required_parameter",
        "{\"model\":null,\"messages\":[{}]}|model|missing_required_parameter",
        "{\"messages\":[{}]}|model|missing_required_parameter",
        "{\"model\":\"m\",\"messages\":[]}|messages|invalid_value",
        "{\"model\":\"m\",\"messages\":\"a\"}|messages|invalid_type",
        "{\"model\":7,\"messages\":[{}]}|model|invalid_type",
        "{\"model\":\"m\",\"messages\":[{}],\"max_tokens\":0}|max_tokens|invalid_value",
        "{\"model\":\"m\",\"messages\":[{}],\"max_tokens\":\"9\"}|max_tokens|invalid_type",
        "{\"model\":\"m\",\"messages\":[{}],\"stream\":true}|stream|streaming_unsupported",
        "{\"model\":\"m\",\"messages\":[{}],\"n\":1000}|n|invalid_value",
      })
  void aBadRequestIsRefusedWithItsParameter(String example) {
    String[] parts = example.split("\\|", -1);
    HttpResponse<byte[]> response = calls.post("/v1/chat/completions", parts[0]);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).at("/error/param").asText()).isEqualTo(parts[1]);
    assertThat(json(response).at("/error/code").asText()).isEqualTo(parts[2]);
    assertThat(json(response).at("/error/type").asText()).isEqualTo("invalid_request_error");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{} x", "{\"model\":\"m\",\"messages\":[}"})
  void whatIsNotAJsonObjectIsRefused(String body) {
    HttpResponse<byte[]> response = calls.post("/v1/chat/completions", body);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).at("/error/message").asText()).contains("could not parse");
  }

  @Test
  void otherPathsMethodsAndTypesAreRefused() {
    assertThat(calls.post("/v1/unknown", "{}").statusCode()).isEqualTo(404);
    assertThat(calls.post("/chat/completions", chat("a")).statusCode()).isEqualTo(404);
    assertThat(calls.get("/nothing").statusCode()).isEqualTo(404);
    assertThat(calls.get("/v1/chat/completions").statusCode()).isEqualTo(405);
    HttpRequest plain =
        HttpRequest.newBuilder(endpoint.baseUrl().resolve("/v1/chat/completions"))
            .POST(HttpRequest.BodyPublishers.ofString(chat("a")))
            .build();
    assertThat(calls.send(plain).statusCode()).isEqualTo(415);
  }

  @Test
  void anEchoIsTheLastTextWholeWhateverFormOrLengthIsAskedFor() {
    String messages =
        "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
            + "{\"role\":\"user\",\"content\":%s}],\"response_format\":{\"type\":\"json_object\"}}";
    String parts =
        "[{\"type\":\"text\",\"text\":\"last of all\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]";
    try (SimulatedEndpoint echoing =
        SimulatedEndpoint.start(SimulatorSettings.builder().echo(true).build())) {
      Calls there = new Calls(echoing);
      for (String content : List.of("\"last of all\"", parts)) {
        JsonNode chat = json(there.post("/v1/chat/completions", messages.formatted(content)));
        assertThat(chat.at("/choices/0/message/content").asText()).isEqualTo("last of all");
        assertThat(chat.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
      }
      JsonNode message = json(there.post("/v1/messages", messages.formatted("\"\\u0000ü\"")));
      assertThat(message.at("/content/0/text").asText()).isEqualTo("\u0000ü");
      JsonNode completion =
          json(there.post("/v1/completions", "{\"model\":\"m\",\"prompt\":\"hello\"}"));
      assertThat(completion.at("/choices/0/text").asText()).isEqualTo(" hello");
      JsonNode vector = json(there.post("/v1/embeddings", "{\"model\":\"m\",\"input\":\"hello\"}"));
      assertThat(vector.at("/data/0/embedding").isMissingNode()).isFalse();
    }
  }
}

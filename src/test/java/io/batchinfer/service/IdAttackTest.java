package io.batchinfer.service;

import static io.batchinfer.service.AttackedService.MARK;
import static io.batchinfer.service.AttackedService.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.service.RawConnection.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids that lead elsewhere: out of the store, into another workspace, past a signature. */
class IdAttackTest extends ServiceAttack {
  /** Every route with an id: method and path. */
  private static final List<String> ROUTES =
      List.of(
          "GET /v1/files/{}",
          "DELETE /v1/files/{}",
          "GET /v1/files/{}/content",
          "HEAD /v1/files/{}/content",
          "GET /v1/files/{}/url",
          "GET /v1/batch/jobs/{}",
          "DELETE /v1/batch/jobs/{}",
          "POST /v1/batch/jobs/{}/cancel",
          "GET /v1/batch/jobs/{}/progress",
          "GET /v1/batch/jobs/{}/report",
          "GET /v1/batch/jobs/{}/report/url",
          "GET /v1/batches/{}",
          "POST /v1/batches/{}/cancel");

  private static final List<String> OPEN_ROUTES =
      List.of(
          "GET /download/acme/{}",
          "HEAD /download/acme/{}",
          "GET /download/{}/" + new UUID(1, 1),
          "GET /report/acme/{}",
          "GET /report/{}/" + new UUID(1, 1),
          "GET /page/{}");

  private static final Map<String, String> IDS = new LinkedHashMap<>();

  static {
    IDS.put("two dots", "..");
    IDS.put("dots, escaped", "%2e%2e");
    IDS.put("dots, half escaped", ".%2E");
    IDS.put("dots, escaped twice", "%252e%252e%252f");
    IDS.put("path out, escaped slashes", "%2e%2e%2f%2e%2e%2fkeys.json");
    IDS.put("path out, plain", "../../../keys.json");
    IDS.put("absolute path", "%2fetc%2fpasswd");
    IDS.put("backslashes", "..%5c..%5ckeys.json");
    IDS.put("null byte", "x%00.jsonl");
    IDS.put("line end", "x%0d%0ax-" + MARK + ":%201");
    IDS.put("overlong UTF-8 dots", "%c0%ae%c0%ae%c0%af");
    IDS.put("overlong UTF-8, three bytes", "%e0%80%ae%e0%80%ae");
    IDS.put("cut escape", "x%2");
    IDS.put("no hexadecimal", "%zz");
    IDS.put("wide dots", "%ef%bc%8e%ef%bc%8e");
    IDS.put("7,000 characters", MARK.repeat(1166));
    IDS.put("glob", "*");
    IDS.put("URL", "file:%2f%2f%2fetc%2fpasswd");
    IDS.put("path parameter", ";x=1");
    IDS.put("of a record", "file.json");
  }

  private static String file;
  private static String job;
  private static String batch;

  @BeforeAll
  static void fill() throws IOException {
    file = service.upload(service.otherKey, Form.LINE);
    job = service.job(service.otherKey);
    batch = service.batch(service.otherKey, file);
    service.job(service.acmeKey);
  }

  static Stream<Arguments> routesAndIds() {
    return Stream.concat(ROUTES.stream(), OPEN_ROUTES.stream())
        .flatMap(
            route ->
                IDS.entrySet().stream().map(id -> Arguments.of(route, id.getKey(), id.getValue())));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("routesAndIds")
  void anIdLeadsNowhereElse(String route, String kind, String id) throws IOException {
    String[] words = route.replace("{}", id).split(" ", 2);

    Answer answer = service.call(words[0], words[1], service.acmeKey);

    if (words[0].equals("HEAD")) {
      assertThat(answer.status()).isIn(403, 404, 405);
    } else {
      assertRefused(
          answer,
          route.startsWith("GET /download") || route.startsWith("GET /report")
              ? List.of(403, 404, 405).toArray(Integer[]::new)
              : new Integer[] {404, 405});
    }
    assertThat(answer.headers()).doesNotContainKey("x-" + MARK);
  }

  static Stream<Arguments> strangeIds() {
    List<Arguments> all = new ArrayList<>();
    for (String route : ROUTES) {
      String id = route.contains("files") ? file : null;
      for (String strange : id == null ? List.of("JOB", "BATCH") : List.of("FILE")) {
        all.add(Arguments.of(route, strange));
      }
    }
    return all.stream();
  }

  private static String idOf(String kind) {
    return switch (kind) {
      case "FILE" -> file;
      case "JOB" -> job;
      default -> batch;
    };
  }

  private static String unknownLike(String id) {
    return id.startsWith("batch_")
        ? "batch_" + UUID.randomUUID().toString().replace("-", "")
        : UUID.randomUUID().toString();
  }

  /** An answer without what differs from call to call. */
  private static String comparable(Answer answer, String id) {
    return (answer.head() + answer.text())
        .replace(answer.header("x-request-id").orElseThrow(), "REQUEST")
        .replace(id, "ID");
  }

  @ParameterizedTest(name = "{0} with another workspace''s {1}")
  @MethodSource("strangeIds")
  void anotherWorkspacesIdIsAnsweredAsAnUnknownOne(String route, String kind) throws IOException {
    String strange = idOf(kind);
    String unknown = unknownLike(strange);
    String[] words = route.split(" ", 2);

    Answer of = service.call(words[0], words[1].replace("{}", strange), service.acmeKey);
    Answer none = service.call(words[0], words[1].replace("{}", unknown), service.acmeKey);

    assertThat(of.status()).isEqualTo(404);
    assertThat(comparable(of, strange)).isEqualTo(comparable(none, unknown));
    String owners = words[0].equals("DELETE") ? "GET" : words[0];
    Answer own = service.call(owners, words[1].replace("{}", strange), service.otherKey);
    assertThat(own.status()).as("its owner's call").isIn(200, 409);
  }

  @Test
  void anotherWorkspacesFileIsNoInputOfMistralsJob() throws IOException {
    String body =
        "{\"endpoint\":\"/v1/chat/completions\",\"model\":\"m\",\"input_files\":[\"%s\"]}";
    String unknown = UUID.randomUUID().toString();

    Answer strange = service.post("/v1/batch/jobs", body.formatted(file));
    Answer none = service.post("/v1/batch/jobs", body.formatted(unknown));

    assertRefused(strange, 404);
    assertThat(comparable(strange, file)).isEqualTo(comparable(none, unknown));
  }

  @Test
  void anotherWorkspacesFileIsNoInputOfABatch() throws IOException {
    String unknown = UUID.randomUUID().toString();

    JsonNode strange = service.ended(service.batch(service.acmeKey, file));
    JsonNode none = service.ended(service.batch(service.acmeKey, unknown));

    assertThat(strange.path("status").asText()).isEqualTo("failed");
    for (JsonNode answer : List.of(strange, none)) {
      for (String own : List.of("id", "created_at", "in_progress_at", "failed_at", "expires_at")) {
        ((ObjectNode) answer).remove(own);
      }
    }
    assertThat(strange.toString().replace(file, "ID"))
        .isEqualTo(none.toString().replace(unknown, "ID"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../../keys.json", "file:///etc/passwd", "*", "", "..", "/etc/passwd", "x\\u0000"})
  void aPathIsNoInputFile(String path) throws IOException {
    Answer mistral =
        service.post(
            "/v1/batch/jobs",
            "{\"endpoint\":\"/v1/chat/completions\",\"model\":\"m\",\"input_files\":[\"%s\"]}"
                .formatted(path));
    assertRefused(mistral, 404, 422);

    Answer openAi =
        service.post(
            "/v1/batches",
            "{\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\",\"input_file_id\":\"%s\"}"
                .formatted(path));
    if (openAi.status() == 200) {
      String id = AttackedService.JSON.readTree(openAi.body()).get("id").textValue();
      assertThat(service.ended(id).path("status").asText()).isEqualTo("failed");
    } else {
      assertRefused(openAi, 400);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/files", "/v1/batches"})
  void anotherWorkspacesIdIsNoPlaceInAList(String list) throws IOException {
    String strange = list.equals("/v1/files") ? file : job;
    String unknown = UUID.randomUUID().toString();

    Answer of = service.call("GET", list + "?limit=5&after=" + strange, service.acmeKey);
    Answer none = service.call("GET", list + "?limit=5&after=" + unknown, service.acmeKey);

    assertRefused(of, 400);
    assertThat(comparable(of, strange)).isEqualTo(comparable(none, unknown));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/files", "/v1/batches", "/v1/batch/jobs"})
  void aListHoldsNothingOfAnotherWorkspace(String list) throws IOException {
    Answer answer = service.call("GET", list, service.acmeKey);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).doesNotContain(file, job, batch).contains("\"data\"");
  }

  static Stream<Arguments> signatures() {
    String good = "G";
    return Stream.of(
        Arguments.of("no signature", "/download/other/F?expires=E"),
        Arguments.of("no query", "/download/other/F"),
        Arguments.of("wrong signature", "/download/other/F?expires=E&signature=" + "0".repeat(64)),
        Arguments.of("one digit less", "/download/other/F?expires=E&signature=" + good + "-1"),
        Arguments.of("one digit more", "/download/other/F?expires=E&signature=" + good + "0"),
        Arguments.of("a byte more", "/download/other/F?expires=E&signature=" + good + "00"),
        Arguments.of("half of it", "/download/other/F?expires=E&signature=" + good + "-32"),
        Arguments.of("no hexadecimal", "/download/other/F?expires=E&signature=" + "x".repeat(64)),
        Arguments.of("2,000 digits", "/download/other/F?expires=E&signature=" + "a".repeat(2000)),
        Arguments.of("later end", "/download/other/F?expires=E0&signature=" + good),
        Arguments.of("end is over", "/download/other/F?expires=1&signature=" + good),
        Arguments.of("negative end", "/download/other/F?expires=-1&signature=" + good),
        Arguments.of(
            "endless end", "/download/other/F?expires=" + "9".repeat(40) + "&signature=" + good),
        Arguments.of(
            "largest end", "/download/other/F?expires=9223372036854775807&signature=" + good),
        Arguments.of("end is no number", "/download/other/F?expires=NaN&signature=" + good),
        Arguments.of(
            "another file", "/download/other/" + new UUID(1, 1) + "?expires=E&signature=" + good),
        Arguments.of("another workspace", "/download/acme/F?expires=E&signature=" + good),
        Arguments.of("no workspace", "/download/..;/F?expires=E&signature=" + good),
        Arguments.of("line end in it", "/download/other%0aF/F?expires=E&signature=" + good));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("signatures")
  void anAddressThatWasChangedDoesNotOpen(String kind, String target) throws IOException {
    String good = address();
    String expires = good.replaceFirst(".*expires=(\\d+).*", "$1");
    String signature = good.replaceFirst(".*signature=", "");
    String changed =
        target
            .replace("/F", "/" + file)
            .replace("expires=E", "expires=" + expires)
            .replace("signature=G-1", "signature=" + signature.substring(1))
            .replace("signature=G-32", "signature=" + signature.substring(32))
            .replace("signature=G", "signature=" + signature);

    assertRefused(service.call("GET", changed, service.otherKey), 400, 403, 404);
    assertThat(service.call("HEAD", changed, "-").status()).isIn(400, 403, 404);
    assertThat(service.call("GET", good, "-").text())
        .as("the address as it was")
        .isEqualTo(Form.LINE);
  }

  private static String address() throws IOException {
    return service.address(service.otherKey, "/v1/files/" + file);
  }

  @Test
  void anAddressOfADeletedFileIsGone() throws IOException {
    String gone = service.upload(service.otherKey, Form.LINE);
    String address = service.address(service.otherKey, "/v1/files/" + gone);
    service.call("DELETE", "/v1/files/" + gone, service.otherKey);

    assertRefused(service.call("GET", address, "-"), 404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "169", "99999999999999999999", "1e3", "NaN", "1%00", ""})
  void anAddressLivesAWeekAtMost(String expiry) throws IOException {
    Answer answer =
        service.call("GET", "/v1/files/" + file + "/url?expiry=" + expiry, service.otherKey);

    if (expiry.isEmpty()) {
      assertThat(answer.status()).isEqualTo(200);
    } else {
      assertRefused(answer, 400, 422);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example/x?",
        "a b",
        "evil.example:99999",
        "[::1",
        "user@evil.example",
        "evil.example\\@x",
        ""
      })
  void aHostThatIsNoneIsInNoAddress(String host) throws IOException {
    try (RawConnection connection = service.connect()) {
      connection.send(
          "GET /v1/files/%s/url HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n"
              .formatted(file, host, service.otherKey));
      assertRefused(connection.answer(), 400);
    }
  }

  @Test
  void withoutAHostThereIsNoAddress() throws IOException {
    try (RawConnection connection = service.connect()) {
      connection.send(
          "GET /v1/files/%s/url HTTP/1.0\r\nAuthorization: Bearer %s\r\n\r\n"
              .formatted(file, service.otherKey));
      assertRefused(connection.answer(), 400);
    }
  }

  @Test
  void aForwardedHostIsInNoAddress() throws IOException {
    Answer answer =
        service.call(
            "GET",
            "/v1/files/" + file + "/url",
            service.otherKey,
            "X-Forwarded-Host: evil.example",
            "Forwarded: host=evil.example",
            "X-Original-URL: /v1/batches");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).contains("127.0.0.1:" + service.port()).doesNotContain("evil");
  }

  @Test
  void anIdempotencyKeyIsOfOneWorkspace() throws IOException {
    byte[] body =
        "{\"endpoint\":\"/v1/chat/completions\",\"model\":\"m\",\"requests\":[{\"body\":{}}]}"
            .getBytes(StandardCharsets.UTF_8);
    String key = "Idempotency-Key: " + UUID.randomUUID();

    Answer first = service.call("POST", "/v1/batch/jobs", service.otherKey, body, key);
    Answer second = service.call("POST", "/v1/batch/jobs", service.acmeKey, body, key);

    String others = AttackedService.JSON.readTree(first.body()).path("id").asText();
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.text()).doesNotContain(others);
    assertRefused(service.call("GET", "/v1/batch/jobs/" + others, service.acmeKey), 404);
  }

  @Test
  void anIdOfBytesThatAreNoTextIsUnknown() throws IOException {
    try (RawConnection connection = service.connect()) {
      byte[] head =
          service
              .head("GET", "/v1/files/\u00ff\u00fe\u0080", service.acmeKey)
              .getBytes(StandardCharsets.ISO_8859_1);
      connection.send(head);
      connection.send("\r\n");
      assertRefused(connection.answer(), 400, 404);
    }
  }
}

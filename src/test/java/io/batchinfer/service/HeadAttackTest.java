package io.batchinfer.service;

import static io.batchinfer.service.AttackedService.MARK;
import static io.batchinfer.service.AttackedService.MAX_CONNECTIONS;
import static io.batchinfer.service.AttackedService.assertRefused;
import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.service.RawConnection.Answer;
import io.batchinfer.testing.Eventually;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads that are no proper HTTP, that can be read in two ways, or that carry a wrong key. */
class HeadAttackTest extends ServiceAttack {
  /** What an attacker hides behind a request: a call that would be answered with 200. */
  private static String hidden() {
    return service.head("GET", "/v1/files", service.acmeKey)
        + "Connection: close\r\nX-Mark: "
        + MARK
        + "\r\n\r\n";
  }

  private static String post(String... headers) {
    return service.head("POST", "/v1/batch/jobs", service.acmeKey) + lines(headers) + "\r\n";
  }

  private static String lines(String... headers) {
    return Stream.of(headers).map(header -> header + "\r\n").reduce("", String::concat);
  }

  /** All answers until the service ends the connection. */
  private static List<Answer> answers(String sent) throws IOException {
    try (RawConnection connection = service.connect()) {
      connection.trySend(RawConnection.latin(sent));
      List<Answer> all = new ArrayList<>();
      for (Optional<Answer> next = connection.answer(false);
          next.isPresent();
          next = connection.answer(false)) {
        all.add(next.get());
      }
      return all;
    }
  }

  static Stream<Arguments> smuggling() {
    return Stream.of(
        Arguments.of("two lengths", post("Content-Length: 0", "Content-Length: 5") + hidden()),
        Arguments.of("two lengths in one", post("Content-Length: 0, 5") + hidden()),
        Arguments.of("negative length", post("Content-Length: -1") + hidden()),
        Arguments.of("length with a sign", post("Content-Length: +0") + hidden()),
        Arguments.of("hexadecimal length", post("Content-Length: 0x10") + hidden()),
        Arguments.of("huge length", post("Content-Length: 99999999999999999999") + hidden()),
        Arguments.of("length that is no number", post("Content-Length: ten") + hidden()),
        Arguments.of("unknown coding", post("Transfer-Encoding: xchunked") + hidden()),
        Arguments.of("identity", post("Transfer-Encoding: identity") + hidden()),
        Arguments.of(
            "identity, chunked",
            post("Transfer-Encoding: identity, chunked") + "0\r\n\r\n" + hidden()),
        Arguments.of(
            "chunked, identity",
            post("Transfer-Encoding: chunked, identity") + "0\r\n\r\n" + hidden()),
        Arguments.of(
            "chunked twice",
            post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")
                + "0\r\n\r\n"
                + hidden()),
        Arguments.of(
            "gzip, chunked", post("Transfer-Encoding: gzip, chunked") + "0\r\n\r\n" + hidden()),
        Arguments.of(
            "chunked with a control character",
            post("Transfer-Encoding: \u000bchunked") + "0\r\n\r\n" + hidden()),
        Arguments.of(
            "chunked after a null",
            post("Transfer-Encoding: chunked\u0000") + "0\r\n\r\n" + hidden()),
        Arguments.of(
            "chunked in HTTP/1.0",
            post("Transfer-Encoding: chunked").replace("HTTP/1.1", "HTTP/1.0")
                + "0\r\n\r\n"
                + hidden()),
        Arguments.of(
            "length and chunked",
            post("Content-Length: 6", "Transfer-Encoding: chunked") + "0\r\n\r\n" + hidden()),
        Arguments.of(
            "chunked and length",
            post("Transfer-Encoding: chunked", "Content-Length: 6") + "0\r\n\r\n" + hidden()),
        Arguments.of(
            "chunk size is no number", post("Transfer-Encoding: chunked") + "xyz\r\n" + hidden()),
        Arguments.of("negative chunk", post("Transfer-Encoding: chunked") + "-1\r\n" + hidden()),
        Arguments.of(
            "huge chunk", post("Transfer-Encoding: chunked") + "fffffffffffffffff\r\n" + hidden()),
        Arguments.of(
            "chunk size as in C",
            post("Transfer-Encoding: chunked") + "0x2\r\n{}\r\n0\r\n\r\n" + hidden()),
        Arguments.of(
            "chunk longer than said",
            post("Transfer-Encoding: chunked") + "2\r\n{}xx\r\n0\r\n\r\n" + hidden()),
        Arguments.of(
            "endless chunk extension",
            post("Transfer-Encoding: chunked")
                + "2;"
                + "x".repeat(100_000)
                + "\r\n{}\r\n0\r\n\r\n"
                + hidden()),
        Arguments.of(
            "folded header",
            post("X-Fold: a", " Content-Length: 3", "Transfer-Encoding: identity") + hidden()),
        Arguments.of(
            "space before the colon", post("Transfer-Encoding : chunked") + "0\r\n\r\n" + hidden()),
        Arguments.of("tab before the colon", post("Content-Length\t: 0") + hidden()),
        Arguments.of("space before the name", post(" Content-Length: 0") + hidden()),
        Arguments.of("header without a colon", post("Content-Length 0") + hidden()),
        Arguments.of("header without a name", post(": x") + hidden()),
        Arguments.of("null in a name", post("X\u0000Y: 1") + hidden()),
        Arguments.of("null in a value", post("X-Y: a\u0000b") + hidden()),
        Arguments.of("bare CR in a value", post("X-Y: a\rTransfer-Encoding: chunked") + hidden()),
        Arguments.of("two hosts", post("Host: evil.example", "Content-Length: 0") + hidden()),
        Arguments.of(
            "two keys",
            post("Authorization: Bearer " + service.otherKey, "Content-Length: 0") + hidden()),
        Arguments.of(
            "no host", "POST /v1/batch/jobs HTTP/1.1\r\nContent-Length: 0\r\n\r\n" + hidden()),
        Arguments.of(
            "empty host",
            "POST /v1/batch/jobs HTTP/1.1\r\nHost:\r\nContent-Length: 0\r\n\r\n" + hidden()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("smuggling")
  void aHeadThatCanBeReadInTwoWaysHidesNoCall(String kind, String sent) throws IOException {
    List<Answer> answers = answers(sent);

    assertThat(answers).as("answers").hasSize(1);
    assertRefused(answers.get(0), 400, 401, 413, 415, 422, 431, 501);
  }

  @Test
  void aCallBehindARefusedOneIsNotAnswered() throws IOException {
    String refused =
        service.head("POST", "/v1/batch/jobs", "wrong") + "Content-Length: 500\r\n\r\n";

    List<Answer> answers = answers(refused + hidden() + hidden());

    assertThat(answers).hasSize(1);
    assertRefused(answers.get(0), 401);
    assertThat(answers.get(0).header("connection")).contains("close");
  }

  @Test
  void callsInARowAreAnsweredEachForItself() throws IOException {
    String first = service.head("GET", "/healthz", "-") + "\r\n";

    List<Answer> answers = answers(first + first + hidden());

    assertThat(answers).extracting(Answer::status).containsExactly(200, 200, 200);
    assertThat(answers.get(2).text()).contains("\"data\"");
  }

  @Test
  void aThousandCallsInARowAreAnsweredOneByOne() throws IOException {
    String call = service.head("GET", "/healthz", "-") + "\r\n";

    List<Answer> answers = answers(call.repeat(1000) + hidden());

    assertThat(answers).hasSize(1001).allMatch(answer -> answer.status() == 200);
  }

  static Stream<Arguments> trailers() {
    return Stream.of(
        Arguments.of("20 kB", "X-Y: " + "x".repeat(20_000)),
        Arguments.of("5,000", "a: b\r\n".repeat(5000) + "c: d"),
        Arguments.of("without end", "X-Y: " + "x".repeat(300_000)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("trailers")
  void trailersAreBounded(String kind, String trailers) throws IOException {
    List<Answer> answers =
        answers(
            post("Transfer-Encoding: chunked")
                + "2\r\n{}\r\n0\r\n"
                + trailers
                + "\r\n\r\n"
                + hidden());

    assertThat(answers).hasSize(1);
    assertRefused(answers.get(0), 400, 431);
  }

  @Test
  void aTrailerIsNoHeader() throws IOException {
    List<Answer> answers =
        answers(
            "POST /v1/batch/jobs HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "0\r\nAuthorization: Bearer "
                + service.acmeKey
                + "\r\n\r\n");

    assertThat(answers).hasSize(1);
    assertRefused(answers.get(0), 401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example", "null", "http://127.0.0.1"})
  void anotherSitesScriptMayReadNothing(String origin) throws IOException {
    Answer answer =
        service.call(
            "GET",
            "/v1/files",
            service.acmeKey,
            "Origin: " + origin,
            "Access-Control-Request-Method: GET");
    Answer asked =
        service.call(
            "OPTIONS",
            "/v1/files",
            "-",
            "Origin: " + origin,
            "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: authorization");

    assertThat(answer.head() + asked.head()).doesNotContainIgnoringCase("access-control");
    assertRefused(asked, 405);
  }

  @Test
  void chunkExtensionsAreIgnored() throws IOException {
    List<Answer> answers =
        answers(post("Transfer-Encoding: chunked") + "2;a=\"b\"\r\n{}\r\n0;x\r\n\r\n" + hidden());

    assertThat(answers).extracting(Answer::status).containsExactly(422, 200);
  }

  @Test
  void aFoldedHeaderIsOneHeader() throws IOException {
    List<Answer> answers =
        answers(post("Transfer-Encoding:", " chunked") + "2\r\n{}\r\n0\r\n\r\n" + hidden());

    assertThat(answers).extracting(Answer::status).containsExactly(422, 200);
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        Arguments.of("HTTP/0.9", "GET /v1/files\r\n\r\n"),
        Arguments.of("no version", "GET /v1/files \r\nHost: a\r\n\r\n"),
        Arguments.of("TLS", "\u0016\u0003\u0001\u0002\u0000x\u0001\u0000y\u0001\r\n\r\n"),
        Arguments.of("empty method", " /v1/files HTTP/1.1\r\nHost: a\r\n\r\n"),
        Arguments.of(
            "method with control characters", "GE\u0001T /healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
        Arguments.of("space in the address", "GET /v1/fi les HTTP/1.1\r\nHost: a\r\n\r\n"),
        Arguments.of("bare LF", "GET /v1/x HTTP/1.1\nHost: a\nConnection: close\n\n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void whatIsNoProperHttpIsRefused(String kind, String sent) throws IOException {
    List<Answer> answers = answers(sent);

    assertThat(answers).hasSize(1);
    assertRefused(answers.get(0), 400, 401, 404, 501, 505);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/9.9", "HTTP/2.0", "HTTP/1.2"})
  void anotherVersionIsRefused(String version) throws IOException {
    List<Answer> answers = answers("GET /healthz " + version + "\r\nHost: a\r\n\r\n" + hidden());

    assertThat(answers).extracting(Answer::status).containsExactly(501);
  }

  static Stream<Arguments> targets() {
    return Stream.of(
        Arguments.of("another host's address", "http://evil.example/v1/files", 200),
        Arguments.of("another host's path", "//evil.example/v1/files", 404),
        Arguments.of("host and port alone", "evil.example:80", 404),
        Arguments.of("star", "*", 404),
        Arguments.of("no slash", "v1/files", 404),
        Arguments.of("empty segments", "/v1//files", 404),
        Arguments.of("slash behind", "/v1/files/", 404),
        Arguments.of("dots", "/v1/batch/../files", 404),
        Arguments.of("dots, escaped", "/v1/batch/%2e%2e/files", 404),
        Arguments.of("escaped slash", "/v1%2ffiles", 404),
        Arguments.of("backslash", "/v1\\files", 404),
        Arguments.of("upper case", "/V1/FILES", 404),
        Arguments.of("path parameter", "/v1/files;x=1", 404),
        Arguments.of("null", "/v1/files%00", 404),
        Arguments.of("fragment", "/v1/files#x", 404),
        Arguments.of("cut escape", "/v1/files/%", 404),
        Arguments.of("bytes beyond ASCII", "/v1/files\u00ff", 404));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("targets")
  void anAddressIsTakenAsItStands(String kind, String target, int status) throws IOException {
    Answer answer = service.call("GET", target, service.acmeKey);

    if (status == 200) {
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.head() + answer.text()).doesNotContain("evil.example");
    } else {
      assertRefused(answer, status, 400);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TRACE",
        "CONNECT",
        "PUT",
        "PATCH",
        "OPTIONS",
        "get",
        "Post",
        "PROPFIND",
        "PRI",
        MARK
      })
  void aMethodThatThePathDoesNotHaveIsRefused(String method) throws IOException {
    for (String path : List.of("/v1/files", "/v1/batches/x", "/healthz")) {
      Answer answer = service.call(method, path, service.acmeKey, "X-Mark: " + MARK);
      assertRefused(answer, 405, 400, 501);
      assertThat(answer.text()).doesNotContain(MARK);
    }
    assertThat(service.call("GET", "/metrics", "-").text()).doesNotContain(MARK);
  }

  @Test
  void connectOpensNoTunnel() throws IOException {
    List<Answer> answers =
        answers("CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n" + hidden());

    assertThat(answers.get(0).status()).isIn(400, 404, 405);
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2c", "websocket", "TLS/1.0", "nothing"})
  void noOtherProtocolIsSpoken(String protocol) throws IOException {
    Answer answer =
        service.call(
            "GET",
            "/v1/files",
            service.acmeKey,
            "Connection: Upgrade, HTTP2-Settings",
            "Upgrade: " + protocol,
            "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("upgrade")).isEmpty();
    assertThat(answer.text()).contains("\"data\"");
  }

  @Test
  void http2IsNotSpokenUnasked() throws IOException {
    List<Answer> answers = answers("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");

    assertThat(answers).hasSize(1);
    assertThat(answers.get(0).status()).isIn(400, 501);
  }

  static Stream<Arguments> large() {
    return Stream.of(
        Arguments.of(
            "address of 9,000 bytes",
            "GET /v1/files?" + MARK + "=" + "x".repeat(9000) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
        Arguments.of("address without end", "GET /" + "x".repeat(300_000)),
        Arguments.of("method without end", "G".repeat(300_000)),
        Arguments.of(
            "header of 20 kB",
            "GET /v1/files HTTP/1.1\r\nHost: a\r\nX-Y: " + "x".repeat(20_000) + "\r\n\r\n"),
        Arguments.of(
            "header without end",
            "GET /v1/files HTTP/1.1\r\nHost: a\r\nX-Y: " + "x".repeat(300_000)),
        Arguments.of(
            "name without end", "GET /v1/files HTTP/1.1\r\nHost: a\r\n" + "x".repeat(300_000)),
        Arguments.of(
            "5,000 headers",
            "GET /v1/files HTTP/1.1\r\nHost: a\r\n" + "a: b\r\n".repeat(5000) + "\r\n"),
        Arguments.of(
            "key of 20 kB",
            "GET /v1/files HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                + "x".repeat(20_000)
                + "\r\n\r\n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("large")
  void aHeadIsBounded(String kind, String sent) throws IOException {
    List<Answer> answers = answers(sent);

    assertThat(answers).hasSize(1);
    assertRefused(answers.get(0), 414, 431);
  }

  static Stream<Arguments> keys() {
    String key = service.acmeKey;
    return Stream.of(
        Arguments.of("none", ""),
        Arguments.of("empty", "Authorization:\r\n"),
        Arguments.of("scheme alone", "Authorization: Bearer \r\n"),
        Arguments.of("no scheme", "Authorization: " + key + "\r\n"),
        Arguments.of("Basic", "Authorization: Basic " + key + "\r\n"),
        Arguments.of("Digest", "Authorization: Digest username=\"" + key + "\"\r\n"),
        Arguments.of("Bearer without a space", "Authorization: Bearer" + key + "\r\n"),
        Arguments.of("quoted", "Authorization: Bearer \"" + key + "\"\r\n"),
        Arguments.of("revoked", "Authorization: Bearer " + service.revokedKey + "\r\n"),
        Arguments.of(
            "one character less",
            "Authorization: Bearer " + key.substring(0, key.length() - 1) + "\r\n"),
        Arguments.of("one character more", "Authorization: Bearer " + key + "A\r\n"),
        Arguments.of(
            "last character changed",
            "Authorization: Bearer "
                + key.substring(0, key.length() - 2)
                + (key.charAt(key.length() - 2) == 'A' ? "B" : "A")
                + key.charAt(key.length() - 1)
                + "\r\n"),
        Arguments.of(
            "another key's secret",
            "Authorization: Bearer "
                + key.substring(0, 12)
                + service.otherKey.substring(12)
                + "\r\n"),
        Arguments.of(
            "upper case",
            "Authorization: Bearer " + key.toUpperCase(java.util.Locale.ROOT) + "\r\n"),
        Arguments.of("8,000 characters", "Authorization: Bearer bi_" + "a".repeat(8000) + "\r\n"),
        Arguments.of("bytes beyond ASCII", "Authorization: Bearer \u00e9\u00ff" + MARK + "\r\n"),
        Arguments.of(
            "two with a comma", "Authorization: Bearer " + key + ", Bearer " + key + "\r\n"),
        Arguments.of(
            "wrong scheme hides x-api-key", "Authorization: Basic x\r\nx-api-key: " + key + "\r\n"),
        Arguments.of(
            "a cookie", "Cookie: Authorization=Bearer " + key + "; api_key=" + key + "\r\n"),
        Arguments.of("proxy's header", "Proxy-Authorization: Bearer " + key + "\r\n"),
        Arguments.of("SQL", "Authorization: Bearer ' OR '1'='1\r\n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("keys")
  void aWrongKeyOpensNothing(String kind, String headers) throws IOException {
    for (String route :
        List.of(
            "GET /v1/files", "GET /v1/batches", "POST /v1/batch/jobs", "GET /v1/files/x/content")) {
      List<Answer> answers =
          answers(route + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers + "\r\n");

      assertThat(answers).hasSize(1);
      assertRefused(answers.get(0), 401);
      assertThat(answers.get(0).header("www-authenticate")).contains("Bearer");
      assertThat(answers.get(0).text()).doesNotContain(service.acmeKey, MARK);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "key",
        "api_key",
        "api-key",
        "x-api-key",
        "access_token",
        "authorization",
        "Authorization"
      })
  void aKeyInTheAddressIsNone(String name) throws IOException {
    List<Answer> answers =
        answers(
            "GET /v1/files?%s=%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                .formatted(name, service.acmeKey));

    assertRefused(answers.get(0), 401);
    assertThat(answers.get(0).text()).doesNotContain(service.acmeKey);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/files?limit=%0d%0aX-",
        "/v1/files?order=%0d%0aX-",
        "/v1/files?after=%0d%0aX-",
        "/v1/files?page=1%0d%0aX-",
        "/v1/files/%0d%0aX-",
        "/v1/batch/jobs?status=%0d%0aX-",
        "/v1/batch/jobs?created_after=%0d%0aX-",
        "/v1/batch/jobs?order_by=%0aX-",
        "/v1/batches?after=%e5%98%8a%e5%98%8dX-",
        "/v1/batches?limit=1%00X-",
        "/download/a/b?expires=1%0d%0aX-",
        "/page/x%0d%0aX-"
      })
  void aValueMakesNoHeader(String target) throws IOException {
    Answer answer = service.call("GET", target + MARK + ":%201", service.acmeKey);

    assertRefused(answer, 400, 403, 404, 422);
    assertThat(answer.head()).doesNotContainIgnoringCase(MARK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x%0d%0aX-", "\u00e9\u00ff", "\t\t"})
  void anIdempotencyKeyMakesNoHeader(String key) throws IOException {
    String body =
        "{\"endpoint\":\"/v1/chat/completions\",\"model\":\"m\",\"requests\":[{\"body\":{}}]}";
    Answer answer =
        service.call(
            "POST",
            "/v1/batch/jobs",
            service.acmeKey,
            RawConnection.latin(body),
            "Idempotency-Key: " + key + MARK);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.head()).doesNotContain(MARK);
  }

  @Test
  void anIdempotencyKeyIsBounded() throws IOException {
    Answer answer =
        service.call(
            "POST",
            "/v1/batch/jobs",
            service.acmeKey,
            RawConnection.latin("{}"),
            "Idempotency-Key: " + "x".repeat(4000));

    assertRefused(answer, 400);
  }

  @Test
  void aCallersRequestIdIsNotTakenOver() throws IOException {
    Answer answer =
        service.call(
            "GET",
            "/healthz",
            "-",
            "x-request-id: " + MARK,
            "X-Forwarded-For: " + MARK,
            "User-Agent: " + MARK);

    assertThat(answer.head()).doesNotContain(MARK);
  }

  @Test
  void connectionsBeyondTheLimitAreClosedAndTheOthersServed() throws IOException {
    List<RawConnection> flood = new ArrayList<>();
    try {
      RawConnection first = service.connect();
      flood.add(first);
      // A connection counts when an event loop has taken it, which need not be in the order of
      // connecting: only one that was answered is surely among the first.
      first.send(service.head("GET", "/healthz", "-") + "\r\n");
      assertThat(first.answer().status()).isEqualTo(200);
      for (int i = 0; i < 3 * MAX_CONNECTIONS; i++) {
        flood.add(service.connect());
      }
      assertThat(flood.get(flood.size() - 1).isEnded()).isTrue();
      first.send(service.head("GET", "/healthz", "-") + "\r\n");
      assertThat(first.answer().status()).isEqualTo(200);
    } finally {
      for (RawConnection connection : flood) {
        connection.close();
      }
    }
    Eventually.await(
        "connections are accepted again",
        LONG_ENOUGH,
        () -> {
          try {
            return service.call("GET", "/healthz", "-").status() == 200;
          } catch (IOException | NoSuchElementException closed) {
            return false;
          }
        },
        () -> "");
  }
}

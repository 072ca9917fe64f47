package io.batchinfer.form;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Over sockets: each chunk of a request in the chunked coding reaches the server by itself. */
class MultipartFormTest {
  private static final String BOUNDARY = "--bound-5";
  private static final String TYPE = "multipart/form-data; boundary=" + BOUNDARY;
  private static final String END = "--" + BOUNDARY + "--\r\n";
  private static final int PATIENCE_MILLIS = (int) LONG_ENOUGH.toMillis();
  private static final MultipartForm.Limits LIMITS = new MultipartForm.Limits(1024, 20, 8192);

  private static Vertx vertx;
  private static HttpServer server;

  private Socket socket;
  private DataInputStream in;

  @BeforeAll
  static void start() throws TimeoutException {
    vertx = Vertx.vertx();
    server =
        vertx
            .createHttpServer()
            .requestHandler(request -> MultipartForm.read(request, LIMITS, new Echo(request)))
            .listen(0, "127.0.0.1")
            .await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
  }

  @AfterAll
  static void stop() throws TimeoutException {
    vertx.close().await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Answers with what was read, the files in the order in which they began. */
  private static final class Echo implements MultipartForm.Reader {
    private final HttpServerRequest request;
    private final List<String> parts = new ArrayList<>();
    private int open;
    private boolean over;
    private MultiMap fields = MultiMap.caseInsensitiveMultiMap();

    Echo(HttpServerRequest request) {
      this.request = request;
    }

    @Override
    public void part(HttpServerFileUpload file) {
      int number = parts.size();
      parts.add("");
      open++;
      Buffer content = Buffer.buffer();
      boolean slow = file.filename().startsWith("slow");
      file.handler(
          chunk -> {
            content.appendBuffer(chunk);
            if (slow) {
              file.pause();
              vertx.runOnContext(now -> file.resume());
            }
          });
      file.endHandler(
          end -> {
            open--;
            parts.set(
                number, shown(file.name() + "/" + file.filename(), content.toString(ISO_8859_1)));
            answerIfWhole();
          });
    }

    @Override
    public void end(MultiMap read) {
      over = true;
      fields = read;
      answerIfWhole();
    }

    private void answerIfWhole() {
      if (over && open == 0) {
        StringBuilder all = new StringBuilder();
        fields.forEach((name, value) -> all.append(shown(name, value)));
        parts.forEach(all::append);
        request.response().end(Buffer.buffer(all.toString(), "ISO-8859-1"));
      }
    }

    @Override
    public void failed(Throwable cause) {
      if (!request.response().ended()) {
        request.response().setStatusCode(400).end();
      }
    }
  }

  private static String shown(String name, String content) {
    return name + " " + content.length() + " [" + content + "]\n";
  }

  private static String part(String disposition, String content) {
    return "--%s\r\nContent-Disposition: form-data; name=%s\r\n\r\n%s\r\n"
        .formatted(BOUNDARY, disposition, content);
  }

  private record Example(String form, String read) {}

  /** Contents that hold all that a delimiter consists of, but none. */
  private static Example tricky() {
    String head = "--" + BOUNDARY;
    List<String> contents =
        List.of(
            "",
            "\r",
            "\r\n",
            "\n",
            "a\r",
            "a\r\r\r",
            "a\r\n",
            "a\n\r",
            "\r\n-",
            "\r\n--",
            "a\r\n--\r\n--b\r\r\n-",
            "a\r\n" + head.substring(0, head.length() - 1) + "\r",
            "a\r\n" + head.substring(0, head.length() - 2) + "\r\n",
            "a" + head + "b",
            "a-" + head + "-\r" + head + "--",
            "-----a" + "-".repeat(30) + head.substring(2) + "\r\n-----");
    StringBuilder form = new StringBuilder("a preamble\r\n");
    StringBuilder fields = new StringBuilder();
    StringBuilder files = new StringBuilder();
    for (int i = 0; i < contents.size(); i++) {
      String content = contents.get(i);
      boolean field = i % 3 == 0;
      String name = "n" + i;
      form.append(
          part(
              field ? name : name + "; filename=\"" + (i % 2 == 0 ? "slow" : "f") + "\"", content));
      (field ? fields : files)
          .append(shown(field ? name : name + "/" + (i % 2 == 0 ? "slow" : "f"), content));
    }
    return new Example(form + END, fields.toString() + files);
  }

  private static final Example TRICKY = tricky();

  @BeforeEach
  void connect() throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort());
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = new DataInputStream(socket.getInputStream());
  }

  private String send(String form, Integer... cuts) throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Type: "
                + TYPE
                + "\r\n\r\n")
            .getBytes(ISO_8859_1));
    int from = 0;
    for (int to : Stream.concat(Stream.of(cuts), Stream.of(form.length())).sorted().toList()) {
      if (to > from) {
        String chunk = Integer.toHexString(to - from) + "\r\n" + form.substring(from, to) + "\r\n";
        request.writeBytes(chunk.getBytes(ISO_8859_1));
        from = to;
      }
    }
    request.writeBytes("0\r\n\r\n".getBytes(ISO_8859_1));
    socket.getOutputStream().write(request.toByteArray());
    return answer();
  }

  private String answer() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    String name = "content-length: ";
    int from = head.toString().toLowerCase(Locale.ROOT).indexOf(name) + name.length();
    byte[] body = in.readNBytes(Integer.parseInt(head.substring(from, head.indexOf("\r", from))));
    return head.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3)
        + "\n"
        + new String(body, ISO_8859_1);
  }

  @AfterEach
  void disconnect() throws IOException {
    socket.close();
  }

  @Test
  void everyCutGivesTheSameBytes() throws IOException {
    for (int cut = 0; cut <= TRICKY.form().length(); cut++) {
      assertThat(send(TRICKY.form(), cut)).as("cut at %d", cut).isEqualTo("200\n" + TRICKY.read());
    }
  }

  @Test
  void everyByteAloneGivesTheSameBytes() throws IOException {
    Integer[] cuts =
        Stream.iterate(1, i -> i + 1).limit(TRICKY.form().length()).toArray(Integer[]::new);
    assertThat(send(TRICKY.form(), cuts)).isEqualTo("200\n" + TRICKY.read());
  }

  static Stream<Long> seeds() {
    return Stream.of(1L, 2L, new Random().nextLong());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void cutsAtRandomGiveTheSameBytes(long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      Integer[] cuts =
          random.ints(2 + i % 5, 0, TRICKY.form().length() + 1).boxed().toArray(Integer[]::new);
      assertThat(send(TRICKY.form(), cuts))
          .as("seed %d, cuts at %s", seed, List.of(cuts))
          .isEqualTo("200\n" + TRICKY.read());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-", "\r", "\n", "\r\n", "-\r", "\r\n--"})
  void longRunsOfWhatIsHeldBackComeWhole(String what) throws IOException {
    String run = what.repeat(20_000);
    String form = part("f; filename=\"slow\"", run) + END;
    Random random = new Random(run.length());
    for (int i = 0; i < 20; i++) {
      Integer[] cuts = random.ints(30, 0, form.length()).boxed().toArray(Integer[]::new);
      assertThat(send(form, cuts)).isEqualTo("200\n" + shown("f/slow", run));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "--other\r\n",
        "--" + BOUNDARY,
        "--" + BOUNDARY + "\r\nContent-Disposition\r\n\r\na\r\n" + END,
        "--" + BOUNDARY + "\r\nContent-Type\r\n\r\na\r\n" + END,
        "--" + BOUNDARY + "\r\n\r\na\r\n" + END,
        "--" + BOUNDARY + "\r\nContent-Type: multipart/mixed\r\n\r\na\r\n" + END,
      })
  void whatIsNoFormFails(String form) throws IOException {
    assertThat(send(form)).isEqualTo("400\n");
  }

  @Test
  void aFormWithoutItsEndFailsWhereverItEnds() throws IOException {
    String form = part("a", "1") + part("f; filename=\"f\"", "content") + part("b", "2") + END;
    for (int end = 0; end < form.length() - 4; end++) {
      assertThat(send(form.substring(0, end), end / 2)).as("%d bytes", end).isEqualTo("400\n");
    }
  }

  @Test
  void whatIsBeyondItsLimitsFails() throws IOException {
    assertThat(send(part("a", "x".repeat(1024)) + END)).startsWith("200");
    assertThat(send(part("a", "x".repeat(1025)) + END)).startsWith("400");
    assertThat(send(part("a", "x").repeat(20) + END)).startsWith("200");
    assertThat(send(part("a", "x").repeat(21) + END)).startsWith("400");
    assertThat(send("--" + BOUNDARY + "\r\nX: " + "x".repeat(8192) + "\r\n")).startsWith("400");
  }

  @Test
  void aFormIsReadOverHttp2() throws TimeoutException {
    var client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    Buffer answer =
        client
            .request(HttpMethod.POST, server.actualPort(), "127.0.0.1", "/")
            .compose(
                request ->
                    request
                        .putHeader("content-type", TYPE)
                        .send(Buffer.buffer(TRICKY.form(), "ISO-8859-1")))
            .compose(response -> response.body())
            .await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);

    assertThat(answer.toString(ISO_8859_1)).isEqualTo(TRICKY.read());
  }
}

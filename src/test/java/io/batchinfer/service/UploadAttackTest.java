package io.batchinfer.service;

import static io.batchinfer.service.AttackedService.MARK;
import static io.batchinfer.service.AttackedService.MAX_UPLOAD;
import static io.batchinfer.service.AttackedService.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.service.RawConnection.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms that are broken, endless or misnamed, and files that are no batch. */
class UploadAttackTest extends ServiceAttack {
  private static final String FILE = "form-data; name=\"file\"; filename=\"a.jsonl\"";

  static Stream<Arguments> badNames() {
    return Stream.of(
        Arguments.of("path out", "../../../keys.json"),
        Arguments.of("absolute path", "/etc/passwd"),
        Arguments.of("drive", "C:\\\\windows\\\\a.jsonl"),
        Arguments.of("backslashes", "..\\\\..\\\\a"),
        Arguments.of("dot", "."),
        Arguments.of("two dots", ".."),
        Arguments.of("null", "a\u0000.jsonl"),
        Arguments.of("control characters", "a\u0001\u001b[31m.jsonl"),
        Arguments.of("delete", "a\u007f.jsonl"),
        Arguments.of("C1 control character", "a\u009b31m.jsonl"),
        Arguments.of("line separator", "a\u2028b.jsonl"),
        Arguments.of("right to left", "a\u202egnp.exe"),
        Arguments.of("isolated direction", "a\u2066b\u2069"),
        Arguments.of("10 kB", MARK.repeat(1700)),
        Arguments.of("256 characters", "x".repeat(256)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badNames")
  void aHarmfulNameIsRefused(String kind, String name) throws IOException {
    assertRefused(service.form(Form.file(name, Form.LINE)), 400);
  }

  static Stream<Arguments> extendedNames() {
    return Stream.of(
            "UTF-8''a%0d%0aX-b",
            "UTF-8''..%2f..%2fa",
            "UTF-8''%00",
            "UTF-16''%00%2f",
            "none''a",
            "UTF-8''",
            "x",
            "UTF-8''%zz")
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("extendedNames")
  void anEscapedNameIsNoWayAround(String name) throws IOException {
    Answer answer =
        service.form(
            Form.PURPOSE
                + Form.part("form-data; name=\"file\"; filename*=" + name, Form.LINE)
                + Form.END);

    if (answer.status() == 200) {
      String kept = AttackedService.JSON.readTree(answer.body()).get("filename").textValue();
      assertThat(kept).doesNotContain("/", "\\", "\r", "\n", "\u0000").isNotBlank();
    } else {
      assertRefused(answer, 400);
    }
  }

  static Stream<Arguments> oddNames() {
    return Stream.of(
        Arguments.of("escaped quotes", "a%22b.jsonl", "a\"b.jsonl"),
        Arguments.of("escaped line end", "a%0d%0aX-" + MARK + ": 1", "a%0d%0aX-" + MARK + "  1"),
        Arguments.of(
            "markup", "<img src=x onerror=alert(1)>.jsonl", "<img src x onerror alert(1)>.jsonl"),
        Arguments.of("semicolons", "a; filename=b.jsonl", "a  filename b.jsonl"),
        Arguments.of("the word null", "null", "null"),
        Arguments.of(
            "beyond ASCII", "\u65e5\u672c\ud83d\ude00.jsonl", "\u65e5\u672c\ud83d\ude00.jsonl"),
        Arguments.of("empty", "", "upload"),
        Arguments.of("shell", "$(id).jsonl", "$(id).jsonl"),
        Arguments.of("format", "%s%n%x", "%s%n%x"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("oddNames")
  void anOddNameComesBackInOneSafeHeader(String kind, String name, String kept) throws IOException {
    Answer uploaded = service.form(Form.file(name, Form.LINE));
    assertThat(uploaded.status()).as(uploaded.text()).isEqualTo(200);
    JsonNode file = AttackedService.JSON.readTree(uploaded.body());
    assertThat(file.get("filename").textValue()).isEqualTo(kept);

    Answer content =
        service.call(
            "GET", "/v1/files/" + file.get("id").textValue() + "/content", service.acmeKey);

    assertThat(content.text()).isEqualTo(Form.LINE);
    assertThat(content.headers()).doesNotContainKey("X-" + MARK);
    assertThat(content.header("content-disposition").orElseThrow())
        .matches(
            "attachment; filename=\"[A-Za-z0-9 ._()-]*\"(; filename\\*=UTF-8''[A-Za-z0-9%]+)?");
    assertThat(content.header("content-type")).contains("application/octet-stream");
    assertThat(content.header("x-content-type-options")).contains("nosniff");
  }

  static Stream<Arguments> types() {
    return Stream.of(
            "",
            "text/plain",
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/mixed; boundary=x",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"\"",
            "multipart/form-data; charset=x",
            "multipart/form-data; boundary=other",
            "multipart/form-data; boundary=" + "x".repeat(5000),
            "multipart/form-data; boundary=a; boundary=b",
            "multipart/form-data, text/plain",
            "multipart/form-data; charset=nonsense; boundary=" + Form.BOUNDARY)
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("types")
  void anotherTypeOrLimitIsRefused(String type) throws IOException {
    assertRefused(
        service.form(
            Form.file("a.jsonl", Form.LINE).getBytes(StandardCharsets.UTF_8),
            "Content-Type: " + type),
        400,
        415);
  }

  static Stream<Arguments> forms() {
    String file = Form.part(FILE, Form.LINE);
    return Stream.of(
        Arguments.of("empty", ""),
        Arguments.of("only its end", Form.END),
        Arguments.of("no file", Form.PURPOSE + Form.END),
        Arguments.of("file as a field", Form.field("file", Form.LINE) + Form.END),
        Arguments.of("two files", file + file + Form.END),
        Arguments.of(
            "a file of another name",
            Form.part("form-data; name=\"data\"; filename=\"a\"", Form.LINE) + Form.END),
        Arguments.of("no name", Form.part("form-data; filename=\"a\"", Form.LINE) + Form.END),
        Arguments.of(
            "cut off in the file",
            Form.PURPOSE
                + "--"
                + Form.BOUNDARY
                + "\r\nContent-Disposition: "
                + FILE
                + "\r\n\r\n{\"custom"),
        Arguments.of("cut off before its end", Form.PURPOSE + file),
        Arguments.of(
            "cut off in a part's head", "--" + Form.BOUNDARY + "\r\nContent-Disposition: form-da"),
        Arguments.of(
            "part's head of 200 kB",
            "--"
                + Form.BOUNDARY
                + "\r\nX: "
                + "x".repeat(200_000)
                + "\r\nContent-Disposition: "
                + FILE
                + "\r\n\r\n"
                + Form.LINE
                + "\r\n"
                + Form.END),
        Arguments.of(
            "part with 20,000 headers",
            "--"
                + Form.BOUNDARY
                + "\r\n"
                + "X: y\r\n".repeat(20_000)
                + "Content-Disposition: "
                + FILE
                + "\r\n\r\n"
                + Form.LINE
                + "\r\n"
                + Form.END),
        Arguments.of("200 fields", Form.field("a", "b").repeat(200) + file + Form.END),
        Arguments.of("10,000 fields", Form.field("a", "b").repeat(10_000) + file + Form.END),
        Arguments.of(
            "field of 100 kB", Form.field("purpose", MARK.repeat(17_000)) + file + Form.END),
        Arguments.of(
            "field of 100 kB behind", file + Form.field("x", MARK.repeat(17_000)) + Form.END),
        Arguments.of(
            "field's name of 100 kB", Form.field(MARK.repeat(17_000), "x") + file + Form.END),
        Arguments.of("unknown purpose", Form.field("purpose", "a\r\nb") + file + Form.END),
        Arguments.of("endless expiry", Form.field("expiry", "9".repeat(100)) + file + Form.END),
        Arguments.of("negative expiry", Form.field("expiry", "-1") + file + Form.END),
        Arguments.of(
            "anchor of another kind",
            Form.field("expires_after[anchor]", "never")
                + Form.field("expires_after[seconds]", "3600")
                + file
                + Form.END),
        Arguments.of("unknown visibility", Form.field("visibility", MARK) + file + Form.END),
        Arguments.of(
            "nested form",
            "--"
                + Form.BOUNDARY
                + "\r\nContent-Disposition: form-data; name=\"file\"\r\nContent-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\nContent-Disposition: attachment; filename=\"../a\"\r\n\r\n"
                + Form.LINE
                + "\r\n--inner\r\nContent-Disposition: attachment; filename=\"b\"\r\n\r\nx\r\n--inner--\r\n"
                + Form.END),
        Arguments.of(
            "unknown transfer encoding",
            "--"
                + Form.BOUNDARY
                + "\r\nContent-Disposition: "
                + FILE
                + "\r\nContent-Transfer-Encoding: "
                + MARK
                + "\r\n\r\n"
                + Form.LINE
                + "\r\n"
                + Form.END),
        Arguments.of(
            "unknown charset",
            "--"
                + Form.BOUNDARY
                + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\nContent-Type: text/plain; charset="
                + MARK
                + "\r\n\r\nbatch\r\n"
                + file
                + Form.END));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forms")
  void aBrokenFormIsRefused(String kind, String form) throws IOException {
    assertRefused(service.form(form), 400, 413);
  }

  @ParameterizedTest
  @ValueSource(strings = {"base64", "quoted-printable", "BASE64", "7bit", "binary"})
  void aPartsTransferEncodingDecodesNothing(String encoding) throws IOException {
    String part =
        "--"
            + Form.BOUNDARY
            + "\r\nContent-Disposition: "
            + FILE
            + "\r\nContent-Transfer-Encoding: "
            + encoding
            + "\r\n\r\n"
            + Form.LINE
            + "\r\n";
    Answer answer = service.form(Form.PURPOSE + part + Form.END);

    if (answer.status() == 200) {
      assertThat(AttackedService.JSON.readTree(answer.body()).get("bytes").asInt())
          .isEqualTo(Form.LINE.length());
    } else {
      assertRefused(answer, 400);
    }
  }

  static Stream<Arguments> contents() {
    return Stream.of(
        Arguments.of("empty", ""),
        Arguments.of("blank", "\n \n\n"),
        Arguments.of("text", MARK),
        Arguments.of("an array", "[{}]\n"),
        Arguments.of("nested 100,000 deep", "{\"a\":".repeat(100_000)),
        Arguments.of("NaN", "{\"a\":NaN}\n"),
        Arguments.of("trailing garbage", "{}x\n"),
        Arguments.of("comma-separated values", "custom_id,body\na,{}\n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("contents")
  void aFileThatIsNoBatchIsRefused(String kind, String content) throws IOException {
    assertRefused(service.form(Form.file("a.jsonl", content)), 400);
  }

  @Test
  void aCompressedFileIsNotUnpacked() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(Form.PURPOSE.getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(
        ("--"
                + Form.BOUNDARY
                + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl.gz\"\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(new byte[10 << 20]);
    }
    bytes.writeBytes(("\r\n" + Form.END).getBytes(StandardCharsets.UTF_8));

    assertRefused(service.form(bytes.toByteArray(), "Content-Type: " + Form.TYPE), 400);
  }

  @Test
  void utf16IsRefused() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        ("--" + Form.BOUNDARY + "\r\nContent-Disposition: " + FILE + "\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(Form.LINE.getBytes(StandardCharsets.UTF_16));
    bytes.writeBytes(("\r\n" + Form.END).getBytes(StandardCharsets.UTF_8));

    assertRefused(service.form(bytes.toByteArray(), "Content-Type: " + Form.TYPE), 400);
  }

  @Test
  void aByteOrderMarkIsAllowed() throws IOException {
    assertThat(service.form(Form.file("a.jsonl", "\ufeff" + Form.LINE)).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 300_000, MAX_UPLOAD})
  void aFileBeyondTheLimitLeavesNothing(int beyond) throws IOException {
    String line = "{\"a\":\"" + "x".repeat(1000) + "\"}\n";
    String content = line.repeat((MAX_UPLOAD + beyond) / line.length() + 1);
    byte[] form = Form.file("a.jsonl", content).getBytes(StandardCharsets.UTF_8);

    assertRefused(service.form(form, "Content-Type: " + Form.TYPE), 413);
    assertRefused(chunked(form), 413);
  }

  private static Answer chunked(byte[] form) throws IOException {
    try (RawConnection connection = service.connect()) {
      connection.send(
          service.head("POST", "/v1/files", service.acmeKey)
              + "Content-Type: "
              + Form.TYPE
              + "\r\nTransfer-Encoding: chunked\r\n\r\n");
      connection.trySend(RawConnection.latin(Integer.toHexString(form.length) + "\r\n"));
      connection.trySend(form);
      connection.trySend(RawConnection.latin("\r\n0\r\n\r\n"));
      return connection.answer();
    }
  }

  @Test
  void whatBreaksOffLeavesNothing() throws IOException {
    String content = Form.LINE.repeat(10_000);
    String form = Form.file("a.jsonl", content);
    try (RawConnection connection = service.connect()) {
      connection.send(
          service.head("POST", "/v1/files", service.acmeKey)
              + "Content-Type: "
              + Form.TYPE
              + "\r\nContent-Length: "
              + form.length()
              + "\r\n\r\n");
      connection.send(form.substring(0, form.length() / 2));
    }
    service.awaitCalls(1, "POST", "/v1/files", "499");
  }

  @Test
  void aBadChunkInAnUploadLeavesNothing() throws IOException {
    try (RawConnection connection = service.connect()) {
      String form = Form.file("a.jsonl", Form.LINE.repeat(5000));
      connection.send(
          service.head("POST", "/v1/files", service.acmeKey)
              + "Content-Type: "
              + Form.TYPE
              + "\r\nTransfer-Encoding: chunked\r\n\r\n");
      connection.send(
          Integer.toHexString(form.length() / 2)
              + "\r\n"
              + form.substring(0, form.length() / 2)
              + "\r\n");
      connection.trySend(RawConnection.latin("zz\r\n"));
      assertRefused(connection.answer(), 400);
    }
  }

  @Test
  void twoFilesOfWhichTheFirstIsLargeLeaveNothing() throws IOException {
    String large = Form.part(FILE, Form.LINE.repeat(8000));
    assertRefused(service.form(large + Form.part(FILE, Form.LINE) + Form.END), 400);
  }

  @Test
  void hostileLinesBecomeErrorsOfTheBatch() throws IOException {
    String lines =
        Form.LINE
            + "{\"custom_id\":\"b\",\"url\":\"//evil.example/v1/chat/completions\",\"method\":\"POST\",\"body\":{\"model\":\"m\"}}\n"
            + "{\"custom_id\":\"c\",\"body\":"
            + "[".repeat(100_000)
            + "\n"
            + "{\"custom_id\":\"a\",\"custom_id\":\"d\"}\n"
            + "\"text\"\n[]\nnull\nNaN\n1e999999999\n\u0000\n";
    String file = service.upload(service.acmeKey, lines);

    JsonNode batch = service.ended(service.batch(service.acmeKey, file));

    assertThat(batch.path("status").asText()).isEqualTo("failed");
    assertThat(batch.at("/errors/data").size()).isGreaterThanOrEqualTo(9);
    assertThat(batch.toString()).doesNotContain("Exception");
  }
}

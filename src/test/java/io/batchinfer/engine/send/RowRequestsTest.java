package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.OutboundRequest.Json;
import io.batchinfer.client.OutboundRequest.Multipart;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowId;
import io.batchinfer.row.ParsedLine;
import io.batchinfer.row.ParsedLine.Invalid;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.storage.LineReader;
import io.batchinfer.testing.InMemoryFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is sent for a row. */
class RowRequestsTest {
  private static final RowId ROW = new RowId(0, 5);
  private static final String BODY = "{\"model\":\"m\"}";

  private SendingParts parts = parts(Map.of());

  private static SendingParts parts(Map<String, String> options) {
    return new SendingParts(List.of(WorkedJob.line("a"), WorkedJob.line("b")), 1, options);
  }

  private void reopen(SendingParts other) {
    parts.close();
    parts = other;
  }

  @AfterEach
  void close() {
    parts.close();
  }

  private static Request request(String path) {
    return SendingParts.request("a", path, BODY, 44);
  }

  private OutboundRequest outbound(Request request, int round, long group) {
    return parts.requests.outbound(ROW, request, round, group);
  }

  private static String text(OutboundRequest sent) {
    return new String(((Json) sent.entity()).content(), StandardCharsets.UTF_8);
  }

  @Test
  void theBodyGoesOutAsItStandsInItsLine() {
    OutboundRequest sent = outbound(request("/v1/chat/completions"), 0, 9);

    assertThat(sent.path()).isEqualTo("/v1/chat/completions");
    assertThat(text(sent)).isEqualTo("{\"model\":\"m\"}");
    assertThat(sent.model()).isEqualTo("m");
    assertThat(sent.estimatedTokens()).isEqualTo(44 + BODY.length() / 4);
    assertThat(sent.headers()).isEmpty();
    assertThat(sent.group()).isEqualTo(9);
  }

  @Test
  void rowsThatBeginAlikeSayToWhatTheyBelongWhereThatIsWanted() {
    reopen(parts(Map.of("prompt-cache-key", "on")));

    assertThat(text(outbound(request("/v1/chat/completions"), 0, 9)))
        .isEqualTo("{\"prompt_cache_key\":\"batchinfer-0000000000000009\",\"model\":\"m\"}");
    assertThat(text(outbound(request("/v1/chat/completions"), 0, 0))).doesNotContain("cache");
    assertThat(text(outbound(request("/v1/embeddings"), 0, 9))).doesNotContain("cache");
  }

  @Test
  void aRowHasOneKeyUntilItsRefusalBecameVoid() {
    reopen(SendingParts.withKeys(new WorkedJob(InMemoryFiles.filesystem(), 2, 2, Map.of()), 1));
    String key = OutboundRequest.IDEMPOTENCY_KEY;
    Map<String, String> first = outbound(request("/v1/chat/completions"), 0, 0).headers();

    assertThat(first).containsOnlyKeys(key);
    assertThat(outbound(request("/v1/chat/completions"), 0, 3).headers()).isEqualTo(first);
    assertThat(outbound(request("/v1/chat/completions"), 1, 0).headers()).isNotEqualTo(first);
    assertThat(
            parts
                .requests
                .outbound(new RowId(0, 6), request("/v1/chat/completions"), 0, 0)
                .headers())
        .isNotEqualTo(first);
  }

  @Test
  void aTranscriptionGoesOutAsAForm() {
    String body = "{\"model\":\"m\",\"file_url\":\"https://x/y.mp3\"}";
    Request request = SendingParts.request("a", "/v1/audio/transcriptions", body, -1);

    assertThat(outbound(request, 0, 0).entity()).isInstanceOf(Multipart.class);
  }

  private ParsedLine parsed(String line) throws IOException {
    byte[] text = ("garbage before\n" + line + "\ngarbage behind").getBytes(StandardCharsets.UTF_8);
    try (LineReader lines = new LineReader(new ByteArrayInputStream(text), 0, 1000)) {
      assertThat(lines.next()).isTrue();
      assertThat(lines.next()).isTrue();
      return parts.requests.parse(lines);
    }
  }

  @Test
  void theLineThatTheReaderStandsAtIsRead() throws IOException {
    assertThat(parsed(WorkedJob.line("mine")))
        .isInstanceOfSatisfying(
            Request.class, request -> assertThat(request.customId()).isEqualTo("mine"));
  }

  @Test
  void audioThatMayNotBeReadMakesItsLineInvalid() throws IOException {
    assertThat(
            parsed(
                "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/audio/transcriptions\",\"body\":{\"model\":\"m\",\"file\":\"secret.mp3\"}}"))
        .isInstanceOfSatisfying(
            Invalid.class,
            invalid -> assertThat(invalid.code()).isEqualTo(ErrorCode.INVALID_MEDIA));
  }
}

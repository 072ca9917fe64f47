package io.batchinfer.client.http;

import static io.batchinfer.client.http.OutboundRequests.chat;
import static io.batchinfer.client.http.OutboundRequests.replyTo;
import static io.batchinfer.client.http.OutboundRequests.text;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Reply.Form;
import io.batchinfer.time.SystemTime;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a complete answer's body becomes, decoded, undecodable or without an announced end. */
class HttpTransportBodyTest {
  private static final byte[] HELLO = "hello".getBytes(UTF_8);

  @AutoClose private final SystemTime time = new SystemTime("transport-test-time");

  private HttpTransport open(RawServer server) {
    return HttpTransport.open(
        HttpTransportSettings.defaults(server.url()).withEventLoops(1), time, () -> true);
  }

  private Reply replyOf(byte[] answer) throws IOException {
    try (RawServer server = RawServer.answering(answer);
        HttpTransport transport = open(server)) {
      return replyTo(transport.send(chat("{}")));
    }
  }

  @Test
  void knownCodingsAreUndoneInTheirOrder() throws IOException {
    for (byte[] answer :
        List.of(
            Codings.answer("gzip", Codings.gzip(HELLO)),
            Codings.answer("X-GZip", Codings.gzip(HELLO)),
            Codings.answer("deflate", Codings.deflate(HELLO, false)),
            Codings.answer("deflate", Codings.deflate(HELLO, true)),
            Codings.answer("identity", HELLO),
            Codings.answer("gzip, gzip", Codings.gzip(Codings.gzip(HELLO))),
            Codings.answer("deflate, gzip", Codings.gzip(Codings.deflate(HELLO, false))))) {
      Reply reply = replyOf(answer);

      assertThat(text(reply)).isEqualTo("hello");
      assertThat(reply.form()).isEqualTo(Form.WHOLE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "utf-8", "gzip", "deflate", "gzip, br"})
  void whatCannotBeDecodedIsDeliveredAsItCame(String coding) throws IOException {
    Reply reply = replyOf(Codings.answer(coding, HELLO));

    assertThat(text(reply)).isEqualTo("hello");
    assertThat(reply.form()).isEqualTo(Form.ENCODED);
    assertThat(reply.headers().get("content-encoding")).isEqualTo(coding);
  }

  @Test
  void truncatedCompressionOfACompleteAnswerIsDeliveredAsItCame() throws IOException {
    byte[] text = "x".repeat(5000).getBytes(UTF_8);
    byte[] gzip = Arrays.copyOf(Codings.gzip(text), 20);
    byte[] deflate = Arrays.copyOf(Codings.deflate(text, true), 10);

    Reply gzipped = replyOf(Codings.answer("gzip", gzip));
    Reply deflated = replyOf(Codings.answer("deflate", deflate));

    assertThat(gzipped.form()).isEqualTo(Form.ENCODED);
    assertThat(gzipped.body()).isEqualTo(gzip);
    assertThat(deflated.form()).isEqualTo(Form.ENCODED);
    assertThat(deflated.body()).isEqualTo(deflate);
  }

  @Test
  void bodyThatOnlyTheConnectionEndsIsToldApart() throws IOException {
    for (String head : List.of("HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n")) {
      try (RawServer server =
              RawServer.running(
                  socket -> {
                    RawServer.readRequest(socket.getInputStream());
                    socket.getOutputStream().write((head + "hello").getBytes(UTF_8));
                  });
          HttpTransport transport = open(server)) {
        Reply reply = replyTo(transport.send(chat("{}")));

        assertThat(text(reply)).isEqualTo("hello");
        assertThat(reply.form()).isEqualTo(Form.UNTIL_CLOSE);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n"
      })
  void announcedBodyIsWhole(String answer) throws IOException {
    assertThat(replyOf(answer.getBytes(ISO_8859_1)).form()).isEqualTo(Form.WHOLE);
  }

  @Test
  void announcedSizeIsHeardOnceAndAGrowingOneAsItGrows() throws IOException {
    String body = "y".repeat(50_000);
    List<Long> announced = new CopyOnWriteArrayList<>();
    List<Long> growing = new CopyOnWriteArrayList<>();
    String chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc350\r\n" + body + "\r\n0\r\n\r\n";

    hear(RawServer.ok(body), announced);
    hear(chunked, growing);

    assertThat(announced).containsExactly(50_000L);
    assertThat(growing).isSorted().doesNotHaveDuplicates().hasSizeGreaterThan(2);
    assertThat(growing.get(growing.size() - 1)).isBetween(50_000L, 100_000L);
  }

  private void hear(String answer, List<Long> heard) throws IOException {
    try (RawServer server = RawServer.answering(answer);
        HttpTransport transport = open(server)) {
      OutboundRequest request =
          new OutboundRequest("/v1/embeddings", new OutboundRequest.Json(HELLO), Map.of(), 1)
              .heardBy(heard::add);
      assertThat(replyTo(transport.send(request)).body()).hasSize(50_000);
    }
  }
}

package io.batchinfer.client.http;

import static io.batchinfer.client.http.OutboundRequests.chat;
import static io.batchinfer.client.http.OutboundRequests.failureOf;
import static io.batchinfer.client.http.OutboundRequests.replyTo;
import static io.batchinfer.client.http.OutboundRequests.text;
import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.batchinfer.client.Reply;
import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.time.SystemTime;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** After which answers a connection is used again, and that no answer is taken for another's. */
class HttpTransportReuseTest {
  private static final String STALE = RawServer.ok("stale");

  @AutoClose private final SystemTime time = new SystemTime("transport-test-time");

  private HttpTransport open(RawServer server) {
    return HttpTransport.open(
        HttpTransportSettings.defaults(server.url()).withEventLoops(1).withMaxConnections(1),
        time,
        () -> true);
  }

  private static void send(Socket socket, String bytes) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(bytes.getBytes(ISO_8859_1));
    out.flush();
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 102, 103, 104, 199})
  void interimAnswersAreReadPast(int status) throws IOException {
    String interim = "HTTP/1.1 " + status + " Wait\r\nX-Hint: a\r\n\r\n";
    try (RawServer server =
            RawServer.running(
                socket -> {
                  for (int row = 0;
                      !RawServer.readRequest(socket.getInputStream()).isEmpty();
                      row++) {
                    send(socket, interim);
                    send(socket, interim + RawServer.ok("row " + row));
                  }
                });
        HttpTransport transport = open(server)) {
      for (int row = 0; row < 5; row++) {
        assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("row " + row);
      }
      assertThat(server.accepted()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nabc",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"
      })
  void answerThatHttpDoesNotAllowIsMalformedAndItsConnectionClosed(String answer)
      throws IOException {
    try (RawServer server = RawServer.answering(answer);
        HttpTransport transport = open(server)) {
      assertThat(failureOf(transport.send(chat("{}"))).kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
      assertThat(failureOf(transport.send(chat("{}"))).kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\no\r\n1;a=b\r\nk\r\n0\r\nX: y\r\n\r\n",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\nok"
      })
  void wellFramedAnswerLeavesItsConnectionInUse(String answer) throws IOException {
    assertThat(connectionsForThreeOf(answer)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nConnection: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
      })
  void answerThatLeavesADoubtIsTheLastOnItsConnection(String answer) throws IOException {
    assertThat(connectionsForThreeOf(answer)).isEqualTo(3);
  }

  private int connectionsForThreeOf(String answer) throws IOException {
    try (RawServer server = RawServer.answering(answer);
        HttpTransport transport = open(server)) {
      for (int i = 0; i < 3; i++) {
        assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("ok");
      }
      return server.accepted();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"
      })
  void answerWithoutABodyIsTheLastOnItsConnection(String answer) throws IOException {
    try (RawServer server = RawServer.answering(answer);
        HttpTransport transport = open(server)) {
      for (int i = 0; i < 3; i++) {
        assertThat(replyTo(transport.send(chat("{}"))).body()).isEmpty();
      }
      assertThat(server.accepted()).isEqualTo(3);
    }
  }

  /** The rest of the first request would stand in front of the second one. */
  @Test
  void connectionOfAnEarlyAnswerIsNotUsedAgain() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    CountDownLatch hungUp = new CountDownLatch(1);
    AtomicInteger connections = new AtomicInteger();
    try (RawServer server =
            RawServer.running(
                socket -> {
                  if (connections.getAndIncrement() == 0) {
                    readHead(socket.getInputStream());
                    send(socket, RawServer.ok("early"));
                    // What it reads before that could be the whole request, written in time.
                    assertThat(answered.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
                    readToEnd(socket);
                    hungUp.countDown();
                  } else {
                    RawServer.readRequest(socket.getInputStream());
                    send(socket, RawServer.ok("second"));
                  }
                });
        HttpTransport transport = open(server)) {
      assertThat(text(replyTo(transport.send(chat(new byte[48 << 20]))))).isEqualTo("early");
      answered.countDown();
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("second");
      assertThat(hungUp.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n",
        "H",
        "\r\n"
      })
  void bytesOnAnIdleConnectionCloseIt(String stray) throws Exception {
    CountDownLatch idle = new CountDownLatch(1);
    CountDownLatch hungUp = new CountDownLatch(1);
    AtomicInteger connections = new AtomicInteger();
    try (RawServer server =
            RawServer.running(
                socket -> {
                  boolean first = connections.getAndIncrement() == 0;
                  RawServer.readRequest(socket.getInputStream());
                  send(socket, RawServer.ok(first ? "first" : "second"));
                  if (first) {
                    assertThat(idle.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
                    send(socket, stray);
                    readToEnd(socket);
                    hungUp.countDown();
                  }
                });
        HttpTransport transport = open(server)) {
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("first");
      idle.countDown();
      assertThat(hungUp.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("second");
    }
  }

  /** The event loop has not come to read them when the next request begins. */
  @Test
  void bytesThatWaitInTheSocketAreNotTheAnswerOfTheNextRequest() throws Exception {
    assumeTrue(Epoll.isAvailable());
    assertThat(answerAfter(socket -> send(socket, STALE))).isEqualTo("second");
  }

  @Test
  void connectionThatHasEndedUnheardIsNotUsed() throws Exception {
    assumeTrue(Epoll.isAvailable());
    assertThat(answerAfter(Socket::shutdownOutput)).isEqualTo("second");
  }

  /** The second answer, when the server does that while the only event loop is occupied. */
  private String answerAfter(RawServer.Script betweenRequests) throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    AtomicInteger connections = new AtomicInteger();
    try (RawServer server =
            RawServer.running(
                socket -> {
                  boolean first = connections.getAndIncrement() == 0;
                  RawServer.readRequest(socket.getInputStream());
                  send(socket, RawServer.ok(first ? "first" : "second"));
                  if (first) {
                    assertThat(answered.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
                    betweenRequests.run(socket);
                    done.countDown();
                    readToEnd(socket);
                  }
                });
        HttpTransport transport = open(server)) {
      CompletionStage<Reply> second =
          transport
              .send(chat("{}"))
              .thenCompose(
                  first -> {
                    assertThat(text(first)).isEqualTo("first");
                    answered.countDown();
                    await(done);
                    return transport.send(chat("{}"));
                  });
      return text(replyTo(second));
    }
  }

  @Test
  void twoAnswersOnAConnectionThatWasUsedBeforeBelongToNobody() throws IOException {
    AtomicInteger requests = new AtomicInteger();
    try (RawServer server =
            RawServer.running(
                socket -> {
                  while (!RawServer.readRequest(socket.getInputStream()).isEmpty()) {
                    int request = requests.incrementAndGet();
                    send(socket, (request == 2 ? STALE : "") + RawServer.ok("row " + request));
                  }
                });
        HttpTransport transport = open(server)) {
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("row 1");
      TransportException failure = failureOf(transport.send(chat("{}")));
      assertThat(failure.kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
      assertThat(failure).hasMessageContaining("more came behind it");
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("row 3");
    }
  }

  /** It may send them while the next request is under way, when nothing tells them apart. */
  @Test
  void serverThatSentAStrayAnswerGetsOneRequestPerConnection() throws IOException {
    AtomicBoolean twice = new AtomicBoolean(true);
    try (RawServer server =
            RawServer.running(
                socket -> {
                  while (!RawServer.readRequest(socket.getInputStream()).isEmpty()) {
                    send(socket, RawServer.ok("ok") + (twice.getAndSet(false) ? STALE : ""));
                  }
                });
        HttpTransport transport = open(server)) {
      for (int i = 0; i < 4; i++) {
        assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("ok");
      }
      assertThat(server.accepted()).isEqualTo(4);
    }
  }

  @Test
  void connectionsThatCloseBeforeAnyUseFailTheirRequestsUnsent() throws IOException {
    assumeTrue(Epoll.isAvailable());
    try (RawServer server = RawServer.running(socket -> assertThat(socket.isConnected()).isTrue());
        HttpTransport transport = open(server)) {
      List<CompletableFuture<Reply>> sent = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        sent.add(transport.send(chat("{}")).toCompletableFuture());
      }
      for (CompletableFuture<Reply> each : sent) {
        assertThat(failureOf(each).kind()).isIn(Kind.CONNECT_FAILED, Kind.CONNECTION_LOST);
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  private static void readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
  }

  /** Until the peer closes, in whichever way. */
  private static void readToEnd(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    try {
      byte[] ignored = new byte[1 << 16];
      while (in.read(ignored) >= 0) {
        assertThat(socket.isClosed()).isFalse();
      }
    } catch (SocketException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
  }
}

package io.batchinfer.client.http;

import static io.batchinfer.client.http.OutboundRequests.chat;
import static io.batchinfer.client.http.OutboundRequests.failureOf;
import static io.batchinfer.client.http.OutboundRequests.replyTo;
import static io.batchinfer.client.http.OutboundRequests.text;
import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Reply;
import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.RefusingPort;
import io.batchinfer.time.SystemTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpTransportFailureTest {
  @AutoClose private final SystemTime time = new SystemTime("transport-test-time");
  private final ManualScheduler standing = new ManualScheduler();

  private HttpTransport open(HttpTransportSettings settings) {
    return HttpTransport.open(settings.withEventLoops(1), time, () -> true);
  }

  private TransportException failureFrom(RawServer server) {
    try (HttpTransport transport = open(HttpTransportSettings.defaults(server.url()))) {
      return failureOf(transport.send(chat("{\"prompt\":\"hush\"}")));
    }
  }

  @Test
  void unknownHostIsNamedAndNothingWasSent() {
    try (HttpTransport transport =
        open(HttpTransportSettings.defaults(URI.create("http://no-such-host.invalid:8000")))) {
      TransportException failure = failureOf(transport.send(chat("{}")));

      assertThat(failure.kind()).isEqualTo(Kind.UNKNOWN_HOST);
      assertThat(failure).hasMessageContaining("no-such-host.invalid:8000");
    }
  }

  @Test
  void refusedConnectionIsAConnectFailureForEveryWaitingRequest() throws IOException {
    try (RefusingPort nobody = new RefusingPort();
        HttpTransport transport = open(HttpTransportSettings.defaults(URI.create(nobody.url())))) {
      CompletionStage<Reply> first = transport.send(chat("{}"));
      CompletionStage<Reply> second = transport.send(chat("{}"));

      assertThat(failureOf(first).kind()).isEqualTo(Kind.CONNECT_FAILED);
      assertThat(failureOf(second).kind()).isEqualTo(Kind.CONNECT_FAILED);
    }
  }

  @Test
  void connectTimeOutIsAConnectFailure() throws IOException {
    // A listener with a full backlog leaves further connections unanswered.
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
        Socket second = new Socket(full.getInetAddress(), full.getLocalPort());
        HttpTransport transport =
            open(
                HttpTransportSettings.defaults(
                        URI.create("http://127.0.0.1:" + full.getLocalPort()))
                    .withConnectTimeout(Duration.ofMillis(300)))) {
      assertThat(first.isConnected()).isTrue();
      assertThat(second.isConnected()).isTrue();
      assertThat(failureOf(transport.send(chat("{}"))).kind()).isEqualTo(Kind.CONNECT_FAILED);
    }
  }

  @Test
  void connectionClosedWithoutAnAnswerMayHaveRun() throws IOException {
    try (RawServer server =
        RawServer.running(socket -> RawServer.readRequest(socket.getInputStream()))) {
      TransportException failure = failureFrom(server);

      assertThat(failure.kind()).isEqualTo(Kind.CONNECTION_LOST);
      assertThat(failure.kind().mayHaveRun()).isTrue();
      assertThat(failure).hasMessageNotContaining("hush");
    }
  }

  @Test
  void connectionResetIsLost() throws IOException {
    try (RawServer server =
        RawServer.running(
            socket -> {
              RawServer.readRequest(socket.getInputStream());
              socket.setSoLinger(true, 0);
            })) {
      assertThat(failureFrom(server).kind()).isEqualTo(Kind.CONNECTION_LOST);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        "HTTP/1.1 200 OK\r\nContent-Le"
      })
  void answerThatBreaksOffIsALostConnection(String answer) throws IOException {
    try (RawServer server =
        RawServer.running(
            socket -> {
              RawServer.readRequest(socket.getInputStream());
              socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
            })) {
      assertThat(failureFrom(server).kind()).isEqualTo(Kind.CONNECTION_LOST);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 two OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
      })
  void answerThatIsNotValidIsMalformed(String answer) throws IOException {
    try (RawServer server = RawServer.answering(answer)) {
      assertThat(failureFrom(server).kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
    }
  }

  @Test
  void gzipBombIsTooLarge() throws IOException {
    byte[] bomb = Codings.gzip(new byte[64 << 20]);
    try (RawServer server = RawServer.answering(Codings.answer("gzip", bomb));
        HttpTransport transport =
            open(HttpTransportSettings.defaults(server.url()).withMaxResponseBytes(1 << 20))) {
      assertThat(bomb.length).isLessThan(1 << 20);
      assertThat(failureOf(transport.send(chat("{}"))).kind()).isEqualTo(Kind.RESPONSE_TOO_LARGE);
    }
  }

  @Test
  void announcedOversizeIsRefusedBeforeTheBodyArrives() throws Exception {
    CountDownLatch hungUp = new CountDownLatch(1);
    try (RawServer server =
            RawServer.running(
                socket -> {
                  RawServer.readRequest(socket.getInputStream());
                  socket
                      .getOutputStream()
                      .write("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n".getBytes(UTF_8));
                  awaitEnd(socket);
                  hungUp.countDown();
                });
        HttpTransport transport =
            open(HttpTransportSettings.defaults(server.url()).withMaxResponseBytes(1000))) {
      TransportException failure = failureOf(transport.send(chat("{}")));

      assertThat(failure.kind()).isEqualTo(Kind.RESPONSE_TOO_LARGE);
      assertThat(failure).hasMessageContaining("1000 bytes");
      assertThat(hungUp.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void endlessAnswerIsCutAtTheLimit() throws Exception {
    CountDownLatch hungUp = new CountDownLatch(1);
    byte[] chunk = ("1000\r\n" + "y".repeat(0x1000) + "\r\n").getBytes(UTF_8);
    try (RawServer server =
            RawServer.running(
                socket -> {
                  RawServer.readRequest(socket.getInputStream());
                  var out = socket.getOutputStream();
                  out.write(
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(UTF_8));
                  try {
                    for (int i = 0; i < 1 << 20; i++) {
                      out.write(chunk);
                    }
                  } catch (IOException closedByClient) {
                    hungUp.countDown();
                  }
                });
        HttpTransport transport =
            open(HttpTransportSettings.defaults(server.url()).withMaxResponseBytes(100_000))) {
      assertThat(failureOf(transport.send(chat("{}"))).kind()).isEqualTo(Kind.RESPONSE_TOO_LARGE);
      assertThat(hungUp.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void bodyOfExactlyTheLimitIsAccepted() throws IOException {
    try (RawServer server = RawServer.answering(RawServer.ok("z".repeat(1000)));
        HttpTransport transport =
            open(HttpTransportSettings.defaults(server.url()).withMaxResponseBytes(1000))) {
      assertThat(replyTo(transport.send(chat("{}"))).body()).hasSize(1000);
    }
  }

  @Test
  void largeAnswerOfUnknownLengthArrivesWhole() throws IOException {
    String body = "abcdefghij".repeat(300_000);
    try (RawServer server =
            RawServer.running(
                socket -> {
                  RawServer.readRequest(socket.getInputStream());
                  socket
                      .getOutputStream()
                      .write(("HTTP/1.1 200 OK\r\n\r\n" + body).getBytes(UTF_8));
                });
        HttpTransport transport = open(HttpTransportSettings.defaults(server.url()))) {
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo(body);
    }
  }

  /** Its time-outs come when {@link #standing} is moved on, and no sooner on a busy machine. */
  private HttpTransport impatient(RawServer server) {
    return HttpTransport.open(
        HttpTransportSettings.defaults(server.url())
            .withEventLoops(1)
            .withRequestTimeout(Duration.ofMillis(400)),
        standing,
        () -> true);
  }

  /** A request that has reached the server runs out of time. */
  private TransportException timedOut(CompletionStage<Reply> sent, CountDownLatch underWay)
      throws InterruptedException {
    assertThat(underWay.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    standing.advanceMillis(399);
    assertThat(sent.toCompletableFuture()).isNotDone();
    // The time-out begins anew when the last byte of the request has gone, which nobody tells.
    Eventually.await(
        "it is over",
        LONG_ENOUGH,
        () -> {
          standing.advanceMillis(400);
          return sent.toCompletableFuture().isDone();
        },
        sent::toString);
    return failureOf(sent);
  }

  @Test
  void silentServerTimesOutAndTheConnectionIsClosed() throws Exception {
    CountDownLatch underWay = new CountDownLatch(1);
    CountDownLatch hungUp = new CountDownLatch(1);
    try (RawServer server =
            RawServer.running(
                socket -> {
                  RawServer.readRequest(socket.getInputStream());
                  underWay.countDown();
                  awaitEnd(socket);
                  hungUp.countDown();
                });
        HttpTransport transport = impatient(server)) {
      TransportException failure = timedOut(transport.send(chat("{}")), underWay);

      assertThat(failure.kind()).isEqualTo(Kind.TIMED_OUT);
      assertThat(failure).hasMessageContaining("400 ms");
      assertThat(hungUp.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void answerThatDripsTimesOutAsAWhole() throws Exception {
    CountDownLatch underWay = new CountDownLatch(1);
    CountDownLatch hungUp = new CountDownLatch(1);
    try (RawServer server =
            RawServer.running(
                socket -> {
                  RawServer.readRequest(socket.getInputStream());
                  var out = socket.getOutputStream();
                  out.write("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n".getBytes(UTF_8));
                  underWay.countDown();
                  CountDownLatch never = new CountDownLatch(1);
                  try {
                    while (!never.await(20, TimeUnit.MILLISECONDS)) {
                      out.write('.');
                    }
                  } catch (IOException closedByClient) {
                    hungUp.countDown();
                  }
                });
        HttpTransport transport = impatient(server)) {
      assertThat(timedOut(transport.send(chat("{}")), underWay).kind()).isEqualTo(Kind.TIMED_OUT);
      assertThat(hungUp.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void serverThatStopsReadingTimesOut() throws Exception {
    CountDownLatch underWay = new CountDownLatch(1);
    CountDownLatch timedOut = new CountDownLatch(1);
    CountDownLatch hungUp = new CountDownLatch(1);
    try (RawServer server =
            RawServer.running(
                socket -> {
                  assertThat(socket.getInputStream().read()).isPositive();
                  underWay.countDown();
                  assertThat(timedOut.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
                  awaitEnd(socket);
                  hungUp.countDown();
                });
        HttpTransport transport = impatient(server)) {
      TransportException failure = timedOut(transport.send(chat(new byte[64 << 20])), underWay);
      timedOut.countDown();

      assertThat(failure.kind()).isEqualTo(Kind.TIMED_OUT);
      assertThat(hungUp.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void failedConnectionsGiveTheirPlaceBack() throws IOException {
    try (RawServer server =
            RawServer.running(
                socket -> {
                  String request = RawServer.readRequest(socket.getInputStream());
                  if (request.endsWith("good")) {
                    socket.getOutputStream().write(RawServer.ok("x").getBytes(UTF_8));
                  }
                });
        HttpTransport transport =
            open(HttpTransportSettings.defaults(server.url()).withMaxConnections(2))) {
      for (int i = 0; i < 10; i++) {
        assertThat(failureOf(transport.send(chat("bad"))).kind()).isEqualTo(Kind.CONNECTION_LOST);
      }
      assertThat(text(replyTo(transport.send(chat("good"))))).isEqualTo("x");
    }
  }

  private static void awaitEnd(Socket socket) throws IOException {
    byte[] ignored = new byte[1 << 16];
    try {
      while (socket.getInputStream().read(ignored) >= 0) {
        assertThat(socket.isClosed()).isFalse();
      }
    } catch (SocketException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
  }
}

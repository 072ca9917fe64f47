package io.batchinfer.client.http;

import static io.batchinfer.client.http.OutboundRequests.chat;
import static io.batchinfer.client.http.OutboundRequests.failureOf;
import static io.batchinfer.client.http.OutboundRequests.form;
import static io.batchinfer.client.http.OutboundRequests.replyTo;
import static io.batchinfer.client.http.OutboundRequests.text;
import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.time.SystemTime;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpTransportTest {
  @AutoClose private final SystemTime time = new SystemTime("transport-test-time");

  private HttpTransport open(HttpTransportSettings settings) {
    return HttpTransport.open(settings, time, () -> true);
  }

  private static HttpTransportSettings to(URI url) {
    return HttpTransportSettings.defaults(url).withEventLoops(2);
  }

  @Test
  void postsTheBodyWithTheConfiguredHeadersAndReturnsStatusHeadersAndBody() throws IOException {
    try (RawServer server =
            RawServer.answering(
                "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy");
        HttpTransport transport =
            open(to(server.url()).withHeaders(Map.of("Authorization", "Bearer k")))) {
      Reply reply = replyTo(transport.send(chat("{\"a\":1}")));

      assertThat(reply.status()).isEqualTo(429);
      assertThat(reply.isSuccess()).isFalse();
      assertThat(reply.headers().get("retry-after")).isEqualTo("7");
      assertThat(reply.headers().get("absent")).isNull();
      assertThat(text(reply)).isEqualTo("busy");
      assertThat(server.requests).hasSize(1);
      assertThat(server.requests.get(0))
          .startsWith("POST /v1/chat/completions HTTP/1.1\r\n")
          .containsIgnoringCase("\r\nhost: 127.0.0.1:" + server.port() + "\r\n")
          .containsIgnoringCase("\r\nauthorization: Bearer k\r\n")
          .containsIgnoringCase("\r\ncontent-type: application/json\r\n")
          .containsIgnoringCase("\r\ncontent-length: 7\r\n")
          .containsIgnoringCase("\r\naccept-encoding: gzip\r\n")
          .endsWith("\r\n\r\n{\"a\":1}");
    }
  }

  @Test
  void headersOfOneRequestReplaceConfiguredOnes() throws IOException {
    try (RawServer server = RawServer.answering(RawServer.ok("x"));
        HttpTransport transport = open(to(server.url()).withHeaders(Map.of("X-Tier", "slow")))) {
      replyTo(
          transport.send(
              new OutboundRequest(
                  "/v1/embeddings",
                  new OutboundRequest.Json(new byte[] {'1'}),
                  Map.of("x-tier", "fast"),
                  1)));

      assertThat(server.requests.get(0)).containsIgnoringCase("x-tier: fast");
      assertThat(server.requests.get(0)).doesNotContainIgnoringCase("slow");
    }
  }

  @Test
  void headerOfARequestCannotSmuggleALine() throws IOException {
    try (RawServer server = RawServer.answering(RawServer.ok("x"));
        HttpTransport transport = open(to(server.url()).withMaxConnections(1))) {
      OutboundRequest smuggling =
          new OutboundRequest(
              "/v1/embeddings",
              new OutboundRequest.Json(new byte[] {'1'}),
              Map.of("x-tier", "a\r\nx-evil: secret"),
              1);

      assertThatThrownBy(() -> replyTo(transport.send(smuggling)))
          .hasCauseInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("x-tier")
          .hasMessageNotContaining("secret");
      assertThat(replyTo(transport.send(chat("{}"))).status()).isEqualTo(200);
      assertThat(server.requests).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', /v1/chat/completions",
    "/, /v1/chat/completions",
    "/v1, /v1/chat/completions",
    "/v1/, /v1/chat/completions",
    "/proxy, /proxy/chat/completions",
    "/proxy/v1, /proxy/v1/chat/completions",
    "/a/b/v1//, /a/b/v1/chat/completions",
    "/v1beta/openai, /v1beta/openai/chat/completions",
    "/api/v3/, /api/v3/chat/completions",
    "/openai/deployments/d?api-version=1, /openai/deployments/d/chat/completions?api-version=1",
    "?api-version=1&x=%20, /v1/chat/completions?api-version=1&x=%20",
    "/v1?x, /v1/chat/completions?x"
  })
  void lineIsAppendedToThePathOfTheBaseUrlWithoutItsVersion(String basePath, String expected)
      throws IOException {
    try (RawServer server = RawServer.answering(RawServer.ok("x"));
        HttpTransport transport = open(to(URI.create(server.url() + basePath)))) {
      replyTo(transport.send(chat("{}")));

      assertThat(server.requests.get(0)).startsWith("POST " + expected + " HTTP/1.1\r\n");
    }
  }

  @Test
  void redirectIsReturnedAndNotFollowed() throws IOException {
    try (RawServer elsewhere = RawServer.answering(RawServer.ok("x"));
        RawServer server =
            RawServer.answering(
                "HTTP/1.1 307 Go\r\nLocation: "
                    + elsewhere.url()
                    + "/\r\nContent-Length: 0\r\n\r\n");
        HttpTransport transport = open(to(server.url()))) {
      Reply reply = replyTo(transport.send(chat("{}")));

      assertThat(reply.status()).isEqualTo(307);
      assertThat(reply.body()).isEmpty();
      assertThat(elsewhere.accepted()).isZero();
      assertThat(server.requests).hasSize(1);
    }
  }

  @Test
  void connectionIsKeptForTheNextRequest() throws IOException {
    try (RawServer server = RawServer.answering(RawServer.ok("x"));
        HttpTransport transport = open(to(server.url()).withEventLoops(1))) {
      for (int i = 0; i < 20; i++) {
        replyTo(transport.send(chat("{}")));
      }

      assertThat(server.accepted()).isEqualTo(1);
    }
  }

  @Test
  void connectionIsNotReusedWhenTheServerSaysClose() throws IOException {
    try (RawServer server =
            RawServer.answering(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
        HttpTransport transport = open(to(server.url()).withMaxConnections(1))) {
      for (int i = 0; i < 5; i++) {
        assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("x");
      }

      assertThat(server.accepted()).isEqualTo(5);
    }
  }

  @Test
  void connectionThatTheServerClosedWhileIdleIsReplacedWithoutAFailure() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    try (RawServer server =
            RawServer.running(
                socket -> {
                  RawServer.readRequest(socket.getInputStream());
                  socket.getOutputStream().write(RawServer.ok("x").getBytes(UTF_8));
                  socket.shutdownOutput();
                  assertThat(socket.getInputStream().read()).isEqualTo(-1);
                  closed.countDown();
                });
        HttpTransport transport = open(to(server.url()).withMaxConnections(1))) {
      replyTo(transport.send(chat("{}")));
      assertThat(closed.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
      replyTo(transport.send(chat("{}")));

      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  @Test
  void fencedRequestSendsNothingAndLeavesTheConnectionUsable() throws IOException {
    AtomicBoolean maySend = new AtomicBoolean(true);
    try (RawServer server = RawServer.answering(RawServer.ok("x"));
        HttpTransport transport =
            HttpTransport.open(to(server.url()).withMaxConnections(1), time, maySend::get)) {
      replyTo(transport.send(chat("{}")));
      maySend.set(false);
      assertThat(failureOf(transport.send(chat("{}"))).kind()).isEqualTo(Kind.FENCED);
      maySend.set(true);
      replyTo(transport.send(chat("{}")));

      assertThat(server.requests).hasSize(2);
      assertThat(server.accepted()).isEqualTo(1);
    }
  }

  @Test
  void fenceIsAskedOnTheEventLoopWhenTheConnectionIsThere() throws IOException {
    Set<String> askedOn = ConcurrentHashMap.newKeySet();
    try (RawServer server = RawServer.answering(RawServer.ok("x"));
        HttpTransport transport =
            HttpTransport.open(
                to(server.url()),
                time,
                () -> {
                  askedOn.add(Thread.currentThread().getName());
                  return true;
                })) {
      replyTo(transport.send(chat("{}")));

      assertThat(askedOn).hasSize(1).allMatch(name -> name.contains("eventloop"));
    }
  }

  @Test
  void allConnectionsAreUsedAndNeverMore() throws Exception {
    int limit = 7;
    AtomicInteger now = new AtomicInteger();
    AtomicInteger peak = new AtomicInteger();
    Semaphore answers = new Semaphore(0);
    CountDownLatch full = new CountDownLatch(limit);
    try (RawServer server =
            RawServer.running(
                socket -> {
                  while (!RawServer.readRequest(socket.getInputStream()).isEmpty()) {
                    peak.accumulateAndGet(now.incrementAndGet(), Math::max);
                    full.countDown();
                    answers.acquire();
                    now.decrementAndGet();
                    socket.getOutputStream().write(RawServer.ok("x").getBytes(UTF_8));
                  }
                });
        HttpTransport transport =
            open(to(server.url()).withEventLoops(3).withMaxConnections(limit))) {
      List<CompletionStage<Reply>> sent = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        sent.add(transport.send(chat("{}")));
      }
      assertThat(full.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
      answers.release(100);
      sent.forEach(OutboundRequests::replyTo);

      assertThat(peak).hasValue(limit);
      assertThat(server.accepted()).isEqualTo(limit);
    }
  }

  @Test
  void requestsOfOneEventLoopCanUseTheIdleConnectionsOfAnother() throws Exception {
    try (RawServer server = RawServer.answering(RawServer.ok("x"));
        HttpTransport transport = open(to(server.url()).withEventLoops(3).withMaxConnections(1))) {
      for (int i = 0; i < 30; i++) {
        replyTo(transport.send(chat("{}")));
      }

      assertThat(server.accepted()).isEqualTo(1);
    }
  }

  @Test
  void noRequestIsLeftWaitingWhenManyLoopsShareFewConnections() throws Exception {
    try (RawServer server = RawServer.answering(RawServer.ok("x"));
        HttpTransport transport = open(to(server.url()).withEventLoops(3).withMaxConnections(2))) {
      List<CompletionStage<Reply>> sent = new ArrayList<>();
      for (int i = 0; i < 3_000; i++) {
        sent.add(transport.send(chat("{}")));
      }

      assertThat(sent).allSatisfy(one -> assertThat(replyTo(one).status()).isEqualTo(200));
      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  @Test
  void thousandsOfWaitingRequestsAreFencedOneByOne() throws Exception {
    AtomicBoolean maySend = new AtomicBoolean(true);
    CountDownLatch release = new CountDownLatch(1);
    try (RawServer server =
            RawServer.running(
                socket -> {
                  RawServer.readRequest(socket.getInputStream());
                  release.await();
                  socket.getOutputStream().write(RawServer.ok("x").getBytes(UTF_8));
                  assertThat(socket.getInputStream().read()).isEqualTo(-1);
                });
        HttpTransport transport =
            HttpTransport.open(
                to(server.url()).withEventLoops(1).withMaxConnections(1), time, maySend::get)) {
      List<CompletionStage<Reply>> waiting = new ArrayList<>();
      CompletionStage<Reply> first = transport.send(chat("{}"));
      for (int i = 0; i < 20_000; i++) {
        waiting.add(transport.send(chat("{}")));
      }
      maySend.set(false);
      release.countDown();

      assertThat(waiting.stream().map(one -> failureOf(one).kind()).distinct())
          .containsExactly(Kind.FENCED);
      assertThat(first.toCompletableFuture().isDone()).isTrue();
    }
  }

  @Test
  void connectionThatStaysIdleIsClosedAfterAMinute() throws Exception {
    ManualScheduler scheduler = new ManualScheduler();
    CountDownLatch closed = new CountDownLatch(1);
    try (RawServer server =
            RawServer.running(
                socket -> {
                  while (!RawServer.readRequest(socket.getInputStream()).isEmpty()) {
                    socket.getOutputStream().write(RawServer.ok("x").getBytes(UTF_8));
                  }
                  closed.countDown();
                });
        EventLoops loops = EventLoops.open(1);
        HttpTransport transport =
            HttpTransport.open(to(server.url()), loops, scheduler, () -> true)) {
      replyTo(transport.send(chat("{}")));
      scheduler.advanceMillis(30_000);
      awaitLoopTurn(loops);
      scheduler.advanceMillis(29_000);
      replyTo(transport.send(chat("{}")));
      assertThat(server.accepted()).isEqualTo(1);

      for (int i = 0; i < 4; i++) {
        scheduler.advanceMillis(30_000);
        awaitLoopTurn(loops);
      }
      assertThat(closed.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void requestSentFromAReplyStaysOnItsThread() throws IOException {
    Set<String> threads = ConcurrentHashMap.newKeySet();
    try (RawServer server = RawServer.answering(RawServer.ok("x"));
        HttpTransport transport = open(to(server.url()).withEventLoops(3))) {
      CompletableFuture<Void> finished = new CompletableFuture<>();
      sendRepeatedly(transport, 50, threads, finished);
      finished.orTimeout(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS).join();

      // An answer that is there before anyone asks for it is told to whoever asks.
      threads.remove(Thread.currentThread().getName());
      assertThat(threads).hasSize(1);
      assertThat(server.accepted()).isEqualTo(1);
    }
  }

  private static void sendRepeatedly(
      HttpTransport transport, int times, Set<String> threads, CompletableFuture<Void> finished) {
    var unused =
        transport
            .send(chat("{}"))
            .whenComplete(
                (reply, failure) -> {
                  threads.add(Thread.currentThread().getName());
                  if (failure != null) {
                    finished.completeExceptionally(failure);
                  } else if (times == 1) {
                    finished.complete(null);
                  } else {
                    sendRepeatedly(transport, times - 1, threads, finished);
                  }
                });
  }

  @Test
  void severalTransportsShareEventLoops() throws IOException {
    try (RawServer one = RawServer.answering(RawServer.ok("one"));
        RawServer two = RawServer.answering(RawServer.ok("two"));
        EventLoops loops = EventLoops.open(2);
        HttpTransport second = HttpTransport.open(to(two.url()), loops, time, () -> true)) {
      try (HttpTransport first = HttpTransport.open(to(one.url()), loops, time, () -> true)) {
        assertThat(text(replyTo(first.send(chat("{}"))))).isEqualTo("one");
      }
      assertThat(text(replyTo(second.send(chat("{}"))))).isEqualTo("two");
    }
  }

  @Test
  void multipartFormArrivesPartByPart() throws IOException {
    try (RawServer server = RawServer.answering(RawServer.ok("x"));
        HttpTransport transport = open(to(server.url()))) {
      replyTo(
          transport.send(
              form(
                  new OutboundRequest.Part("model", "", "", "m".getBytes(UTF_8)),
                  new OutboundRequest.Part(
                      "file", "a.wav", "audio/wav", new byte[] {0, 1, '\r', '\n', 2}))));

      String request = server.requests.get(0);
      String boundary = request.replaceAll("(?s).*boundary=(\\S+)\r\n.*", "$1");
      assertThat(request)
          .startsWith("POST /v1/audio/transcriptions HTTP/1.1\r\n")
          .endsWith(
              "\r\n\r\n--"
                  + boundary
                  + "\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--"
                  + boundary
                  + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n"
                  + "Content-Type: audio/wav\r\n\r\n\0\1\r\n\2\r\n--"
                  + boundary
                  + "--\r\n");
    }
  }

  @Test
  void closingEndsAllThreadsAndFailsWhatIsInFlight() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    try (RawServer server =
        RawServer.running(
            socket -> {
              RawServer.readRequest(socket.getInputStream());
              arrived.countDown();
              assertThat(socket.getInputStream().read()).isEqualTo(-1);
            })) {
      Set<Thread> before = liveThreads();
      HttpTransport transport =
          open(to(URI.create("http://localhost:" + server.port())).withMaxConnections(1));
      CompletionStage<Reply> inFlight = transport.send(chat("{}"));
      assertThat(arrived.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
      CompletionStage<Reply> waiting = transport.send(chat("{}"));
      transport.close();

      assertThat(failureOf(inFlight).kind()).isEqualTo(Kind.CONNECTION_LOST);
      assertThat(failureOf(waiting).kind()).isEqualTo(Kind.CONNECT_FAILED);
      assertThat(failureOf(transport.send(chat("{}"))).kind()).isEqualTo(Kind.CONNECT_FAILED);
      Set<Thread> left = liveThreads();
      left.removeAll(before);
      for (Thread thread : left) {
        thread.join(LONG_ENOUGH.toMillis());
      }
      assertThat(left).noneMatch(Thread::isAlive);
    }
  }

  private static void awaitLoopTurn(EventLoops loops) throws InterruptedException {
    CountDownLatch turned = new CountDownLatch(1);
    loops.contexts().get(0).nettyEventLoop().execute(turned::countDown);
    assertThat(turned.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  private static Set<Thread> liveThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.getName().equals("raw-server"))
        .filter(thread -> !thread.getName().startsWith("transport-test"))
        .filter(thread -> !thread.getName().startsWith("CompletableFutureDelay"))
        .filter(thread -> !thread.getName().startsWith("globalEventExecutor"))
        .collect(Collectors.toSet());
  }
}

package io.batchinfer.client.http;

import static io.batchinfer.client.http.OutboundRequests.chat;
import static io.batchinfer.client.http.OutboundRequests.failureOf;
import static io.batchinfer.client.http.OutboundRequests.replyTo;
import static io.batchinfer.client.http.OutboundRequests.text;
import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Reply;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.testing.Eventually;
import io.batchinfer.time.SystemTime;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class HttpTransportHttp2Test {
  @AutoClose private final SystemTime time = new SystemTime("transport-test-time");

  private static HttpTransportSettings to(LibraryServer server) {
    return HttpTransportSettings.defaults(URI.create("http://127.0.0.1:" + server.port()))
        .withVersions(HttpVersions.HTTP_2_PRIOR_KNOWLEDGE)
        .withEventLoops(1);
  }

  private HttpTransport open(HttpTransportSettings settings) {
    return HttpTransport.open(settings, time, () -> true);
  }

  private static HttpServerOptions streams(long maxConcurrent) {
    return new HttpServerOptions()
        .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(maxConcurrent));
  }

  @Test
  void clearTextHttp2IsSpokenWithoutAsking() {
    try (LibraryServer server = LibraryServer.tellingTheVersion(new HttpServerOptions());
        HttpTransport transport = open(to(server))) {
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("h2");
    }
  }

  @Test
  void bodyLargerThanAllWindowsGoesBothWays() {
    byte[] body = new byte[5 << 20];
    Arrays.fill(body, (byte) 'w');
    try (LibraryServer server =
            LibraryServer.running(
                new HttpServerOptions(),
                request -> request.bodyHandler(received -> request.response().end(received)));
        HttpTransport transport = open(to(server))) {
      assertThat(replyTo(transport.send(chat(body))).body()).isEqualTo(body);
    }
  }

  @Test
  void allPermittedRequestsAreInFlightWithinTheStreamsThatConnectionsOffer() throws Exception {
    int limit = 25;
    Queue<HttpServerRequest> held = new ConcurrentLinkedQueue<>();
    AtomicBoolean answering = new AtomicBoolean();
    AtomicInteger now = new AtomicInteger();
    AtomicInteger peak = new AtomicInteger();
    CountDownLatch full = new CountDownLatch(limit);
    try (LibraryServer server =
            LibraryServer.running(
                streams(10),
                request -> {
                  peak.accumulateAndGet(now.incrementAndGet(), Math::max);
                  held.add(request);
                  full.countDown();
                  if (answering.get()) {
                    answerAll(held, now);
                  }
                });
        HttpTransport transport = open(to(server).withMaxConnections(limit))) {
      List<CompletionStage<Reply>> sent = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        sent.add(transport.send(chat("{}")));
      }
      assertThat(full.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
      answering.set(true);
      answerAll(held, now);
      sent.forEach(OutboundRequests::replyTo);

      assertThat(peak).hasValue(limit);
      assertThat(server.connections()).isEqualTo(3);
    }
  }

  private static void answerAll(Queue<HttpServerRequest> held, AtomicInteger now) {
    for (HttpServerRequest request = held.poll(); request != null; request = held.poll()) {
      now.decrementAndGet();
      request.response().end("x");
    }
  }

  @Test
  void timeOutResetsItsStreamAndLaterRequestsUseAnotherConnection() throws Exception {
    ManualScheduler standing = new ManualScheduler();
    CountDownLatch underWay = new CountDownLatch(1);
    CountDownLatch reset = new CountDownLatch(1);
    AtomicInteger received = new AtomicInteger();
    try (LibraryServer server =
            LibraryServer.running(
                new HttpServerOptions(),
                request -> {
                  if (received.incrementAndGet() == 1) {
                    request.response().exceptionHandler(failure -> reset.countDown());
                    underWay.countDown();
                  } else {
                    request.response().end("x");
                  }
                });
        HttpTransport transport =
            HttpTransport.open(
                to(server).withRequestTimeout(Duration.ofMillis(300)), standing, () -> true)) {
      CompletionStage<Reply> late = transport.send(chat("{}"));
      assertThat(underWay.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
      Eventually.await(
          "it is over",
          LONG_ENOUGH,
          () -> {
            standing.advanceMillis(400);
            return late.toCompletableFuture().isDone();
          },
          late::toString);
      assertThat(failureOf(late).kind()).isEqualTo(Kind.TIMED_OUT);
      assertThat(reset.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("x");
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void noRequestIsLeftWaitingWhenManyLoopsShareFewStreams() {
    try (LibraryServer server =
            LibraryServer.running(streams(2), request -> request.response().end("x"));
        HttpTransport transport = open(to(server).withEventLoops(3).withMaxConnections(5))) {
      List<CompletionStage<Reply>> sent = new ArrayList<>();
      for (int i = 0; i < 3_000; i++) {
        sent.add(transport.send(chat("{}")));
      }

      assertThat(sent).allSatisfy(one -> assertThat(replyTo(one).status()).isEqualTo(200));
    }
  }

  @Test
  void oversizeResetsTheStream() {
    try (LibraryServer server =
            LibraryServer.running(
                new HttpServerOptions(),
                request ->
                    request.response().setChunked(true).end(Buffer.buffer(new byte[100_000])));
        HttpTransport transport = open(to(server).withMaxResponseBytes(1000))) {
      assertThat(failureOf(transport.send(chat("{}"))).kind()).isEqualTo(Kind.RESPONSE_TOO_LARGE);
    }
  }

  @Test
  void refusedStreamDidNotRunAndResetStreamMay() {
    AtomicInteger received = new AtomicInteger();
    try (LibraryServer server =
            LibraryServer.running(
                new HttpServerOptions(),
                request -> request.response().reset(received.incrementAndGet() == 1 ? 7 : 2));
        HttpTransport transport = open(to(server))) {
      assertThat(failureOf(transport.send(chat("{}"))).kind()).isEqualTo(Kind.CONNECT_FAILED);
      assertThat(failureOf(transport.send(chat("{}"))).kind()).isEqualTo(Kind.CONNECTION_LOST);
    }
  }

  @Test
  void connectionClosedMidwayIsLostForAllItsRequests() {
    AtomicInteger received = new AtomicInteger();
    try (LibraryServer server =
            LibraryServer.running(
                new HttpServerOptions(),
                request -> {
                  if (received.incrementAndGet() == 3) {
                    request.connection().close();
                  }
                });
        HttpTransport transport = open(to(server))) {
      List<CompletionStage<Reply>> sent = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        sent.add(transport.send(chat("{}")));
      }

      assertThat(sent)
          .allSatisfy(one -> assertThat(failureOf(one).kind()).isEqualTo(Kind.CONNECTION_LOST));
    }
  }
}

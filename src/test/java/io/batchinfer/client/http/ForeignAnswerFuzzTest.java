package io.batchinfer.client.http;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.TransportException;
import io.batchinfer.time.SystemTime;
import io.netty.channel.epoll.Epoll;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * Whatever a server sends, over real sockets, no request ends with the answer of another one.
 * {@code -Dbatchinfer.fuzz.exchanges=N} tries more, {@code -Dbatchinfer.fuzz.seed=N} the same
 * again.
 */
class ForeignAnswerFuzzTest {
  private static final int EXCHANGES = Integer.getInteger("batchinfer.fuzz.exchanges", 20_000);
  private static final long SEED = Long.getLong("batchinfer.fuzz.seed", System.nanoTime());
  private static final byte[] SMALL = new byte[300];
  private static final byte[] LARGE = new byte[8 << 20];

  @AutoClose private final SystemTime time = new SystemTime("fuzz-time");

  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final ConcurrentMap<String, Integer> outcomes = new ConcurrentSkipListMap<>();

  @Test
  void noRequestEndsWithTheAnswerOfAnother() {
    assumeTrue(Epoll.isAvailable());
    SplittableRandom random = new SplittableRandom(SEED);
    try (HostileServer server = new HostileServer(SEED)) {
      for (int row = 0; row < EXCHANGES; ) {
        row = transportLife(server, random, row);
      }
      System.out.printf(
          "seed %d: %d requests on %d connections: %s%n",
          SEED, server.requests.get(), server.connections(), outcomes);
      assertThat(wrong).as("seed " + SEED).isEmpty();
      assertThat(server.misuses).as("seed " + SEED).isEmpty();
      // Not because nothing is ever used again, or nothing ever comes back.
      assertThat(server.connections()).isLessThan(EXCHANGES * 3 / 4);
      assertThat(outcomes.getOrDefault("own", 0)).isGreaterThan(EXCHANGES / 2);
    }
  }

  /** Some rounds of requests; between them no request is under way, and the server disturbs. */
  private int transportLife(HostileServer server, SplittableRandom random, int firstRow) {
    boolean strays = random.nextInt(3) == 0;
    server.sendStrays(strays);
    HttpTransportSettings settings =
        HttpTransportSettings.defaults(server.url())
            .withEventLoops(1 + random.nextInt(2))
            .withMaxConnections(1 + random.nextInt(24));
    int row = firstRow;
    try (HttpTransport transport = HttpTransport.open(settings, time, () -> true)) {
      int rounds = 1 + random.nextInt(4);
      for (int round = 0; round < rounds; round++) {
        int end = row + 20 + random.nextInt(150);
        int atOnce = random.nextInt(4) == 0 ? 1 : 1 + random.nextInt(32);
        SplittableRandom between = strays && atOnce == 1 ? random.split() : null;
        round(server, transport, row, end, atOnce, between);
        row = end;
        if (strays || random.nextInt(4) == 0) {
          server.disturbIdle(random.split());
        }
      }
    }
    return row;
  }

  /**
   * @param between chooses after which answers the server disturbs while the event loop is kept
   *     from hearing of it; only where no request is under way then
   */
  private void round(
      HostileServer server,
      HttpTransport transport,
      int from,
      int to,
      int atOnce,
      @Nullable SplittableRandom between) {
    AtomicInteger next = new AtomicInteger(from);
    CompletableFuture<?>[] loops = new CompletableFuture<?>[atOnce];
    for (int i = 0; i < atOnce; i++) {
      loops[i] = sendNext(server, transport, next, to, between);
    }
    CompletableFuture.allOf(loops).orTimeout(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS).join();
  }

  private CompletableFuture<@Nullable Void> sendNext(
      HostileServer server,
      HttpTransport transport,
      AtomicInteger next,
      int to,
      @Nullable SplittableRandom between) {
    int row = next.getAndIncrement();
    if (row >= to) {
      return CompletableFuture.completedFuture(null);
    }
    OutboundRequest request =
        new OutboundRequest(
            "/v1/chat/completions",
            new OutboundRequest.Json(server.isEarly(row) ? LARGE : SMALL),
            Map.of("x-row", Integer.toString(row)),
            1);
    return transport
        .send(request)
        .handle(
            (reply, failure) -> {
              check(row, reply, failure);
              if (between != null && between.nextInt(8) == 0) {
                server.disturbIdle(between.split());
              }
              return failure;
            })
        .toCompletableFuture()
        .thenCompose(ignored -> sendNext(server, transport, next, to, between));
  }

  private void check(int row, @Nullable Reply reply, @Nullable Throwable failure) {
    if (reply == null) {
      Throwable cause =
          failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
      if (cause instanceof TransportException known) {
        count(known.kind().name());
      } else {
        wrong.add("row " + row + " failed with " + cause);
      }
      return;
    }
    String body = new String(reply.body(), ISO_8859_1);
    String name = HostileAnswer.name(row);
    if (body.startsWith(name)) {
      count("own");
    } else if (name.startsWith(body)) {
      count("cut");
    } else {
      wrong.add("row " + row + " got " + reply.status() + " " + body.substring(0, 13));
    }
  }

  private void count(String outcome) {
    outcomes.merge(outcome, 1, Integer::sum);
  }
}

package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.SharedSpark;
import io.batchinfer.testing.TroubledFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An output on a store whose writes are slow, or fail once. */
class TroubledStorageTest extends SharedSpark {
  private static final Duration FLUSH = Duration.ofSeconds(5);
  private static final int IN_FLIGHT = 16;

  @TempDir Path directory;

  private CommandLineRun run(Path input, String baseUrl) {
    return CommandLineRun.of(
        "run",
        "--input",
        input.toString(),
        "--output",
        TroubledFiles.name(directory.resolve("out")),
        "--base-url",
        baseUrl,
        "--concurrency",
        Integer.toString(IN_FLIGHT),
        // Twice as many rows are read where the next one is chosen among them.
        "--order",
        "input");
  }

  private static boolean isSegment(String path) {
    return path.endsWith(".segment");
  }

  @Test
  void aSlowFlushBoundsWhatIsSentAheadOfIt() throws Exception {
    int rows = 700;
    int answerBytes = 256 << 10;
    int mostUnflushed = (64 << 20) / answerBytes;
    int mostOpen = 320;
    byte[] answer =
        ("{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1},\"text\":\""
                + "x".repeat(answerBytes)
                + "\"}")
            .getBytes(StandardCharsets.UTF_8);
    AtomicInteger received = new AtomicInteger();
    CountDownLatch flushing = new CountDownLatch(1);
    CountDownLatch flushed = new CountDownLatch(1);
    Path input = Requests.chat(directory.resolve("requests.jsonl"), rows, 3);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ExecutorService threads = Executors.newCachedThreadPool();
    try (AutoCloseable trouble =
        TroubledFiles.with(
            path -> {
              if (isSegment(path)) {
                flushing.countDown();
                awaitQuietly(flushed);
              }
            })) {
      server.setExecutor(threads);
      server.createContext("/", exchange -> answer(exchange, answer, received));
      server.start();
      CompletableFuture<CommandLineRun> running =
          CompletableFuture.supplyAsync(
              () -> run(input, "http://127.0.0.1:" + server.getAddress().getPort()), threads);
      assertThat(flushing.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
      Eventually.await(
          "as much is sent as may be unflushed",
          LONG_ENOUGH,
          () -> received.get() >= mostUnflushed,
          received::toString);
      // Whether anything more is sent shows only in time.
      assertThat(flushed.await(FLUSH.toSeconds(), TimeUnit.SECONDS)).isFalse();
      int ahead = received.get();
      flushed.countDown();
      CommandLineRun finished = running.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);

      tell("a flush takes 5 s: sent ahead of it %d of %d".formatted(ahead, rows));
      assertThat(ahead).isBetween(mostUnflushed, mostUnflushed + mostOpen);
      assertThat(finished.exitCode()).as(finished.err()).isZero();
      assertThat(received).hasValue(rows);
      assertThat(Parts.ids(directory.resolve("out/results"))).isEqualTo(Requests.ids(rows));
    } finally {
      flushed.countDown();
      server.stop(0);
      threads.shutdownNow();
    }
  }

  private static void answer(HttpExchange exchange, byte[] answer, AtomicInteger received)
      throws IOException {
    exchange.getRequestBody().readAllBytes();
    received.incrementAndGet();
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private static void awaitQuietly(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("nobody let the write go on");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Test
  void aWriteThatFailsOnceStopsAtOnceAndTheSameCommandCompletes() throws Exception {
    int rows = 2_000;
    Path log = directory.resolve("requests.log");
    Path input = Requests.chat(directory.resolve("requests.jsonl"), rows, 7);
    AtomicBoolean failed = new AtomicBoolean();
    try (SimulatedEndpoint endpoint =
        SimulatedEndpoint.start(
            SimulatorSettings.builder()
                .timeToFirstToken(Duration.ofMillis(50))
                .requestLog(log)
                .build())) {
      CommandLineRun first;
      long sent;
      try (AutoCloseable trouble =
          TroubledFiles.with(
              path -> {
                if (isSegment(path)
                    && endpoint.statistics().ok() > rows / 2
                    && failed.compareAndSet(false, true)) {
                  throw new IOException("the store hung up");
                }
              })) {
        first = run(input, endpoint.baseUrl().toString());
        sent = endpoint.statistics().received();
      }
      CommandLineRun again = run(input, endpoint.baseUrl().toString());
      endpoint.flushRequestLog();
      int resent = EndpointLog.read(log).resent();
      tell("a write failed once: sent %d of %d, re-sent %d".formatted(sent, rows, resent));
      tell(first.err());

      assertThat(failed).isTrue();
      assertThat(first.exitCode()).as(first.err()).isEqualTo(ErrorCode.STORAGE_FAILED.exitCode());
      assertThat(first.err())
          .contains("the store hung up", "give the same command again")
          .doesNotContain("\tat ");
      assertThat(sent).isLessThan(rows);
      assertThat(again.exitCode()).as(again.err()).isZero();
      assertThat(Parts.ids(directory.resolve("out/results"))).isEqualTo(Requests.ids(rows));
      // One flush interval of a store that keeps nothing before a file is closed, and in flight.
      assertThat(resent).isLessThanOrEqualTo(IN_FLIGHT + IN_FLIGHT * 2_500 / 50);
    }
  }

  @SuppressWarnings("SystemOut") // the figures belong into the build's log
  private static void tell(String line) {
    System.out.println(line);
  }
}

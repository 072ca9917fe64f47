package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.SparkCluster;
import io.batchinfer.testing.SparkCluster.DeployMode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A row during which the executor's JVM crashes, whenever it is sent, on a real cluster. */
class CrashingRowIT {
  private static final int ROWS = 60;
  private static final int POISONED = 17;
  private static final byte[] REPLY =
      "{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;
  private final AtomicInteger crashes = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private SparkCluster cluster;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    cluster = SparkCluster.start(1);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
    cluster.close();
  }

  /** Answers, except to the poisoned row: there the sender's JVM meets a segmentation fault. */
  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (body.contains("poison")) {
      crashes.incrementAndGet();
      for (ProcessHandle executor : cluster.executors()) {
        Finished unused =
            ForkedProcess.command(List.of("kill", "-SEGV", Long.toString(executor.pid())))
                .run(LONG_ENOUGH);
      }
      return;
    }
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(200, REPLY.length);
    exchange.getResponseBody().write(REPLY);
    exchange.close();
  }

  @Test
  void theRowBecomesAnErrorAndAllOthersAreAnswered() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int row = 0; row < ROWS; row++) {
      lines.append(Requests.line(row, row == POISONED ? "poison" : "fine"));
    }
    Path input = Files.writeString(directory.resolve("requests.jsonl"), lines);
    LocalRun job =
        new LocalRun(
            input, directory.resolve("out"), "http://127.0.0.1:" + server.getAddress().getPort());

    Finished finished;
    try (ForkedProcess submission =
        cluster.startSubmission(
            DeployMode.CLIENT,
            List.of("--conf", "spark.executor.extraJavaOptions=-XX:-CreateCoredumpOnCrash"),
            List.of(
                "run",
                "--input",
                input.toString(),
                "--output",
                job.output().toString(),
                "--base-url",
                job.baseUrl(),
                "--split-bytes",
                "2kB"))) {
      finished = submission.waitFor(LONG_ENOUGH);
    }

    assertThat(finished.exitCode()).as("%s", finished).isZero();
    assertThat(LocalRun.rows(job.errors()))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.at("/error/code").asText()).isEqualTo("row_crashes_worker");
              assertThat(row.at("/input/line").asInt()).isEqualTo(POISONED + 1);
            });
    assertThat(LocalRun.rows(job.results())).hasSize(ROWS - 1);
    assertThat(crashes).hasValue(3);
  }
}

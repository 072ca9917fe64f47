package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job by way of the batches of this project's own service, in both dialects, while either side is
 * killed.
 */
class RemoteBatchServiceIT {
  private static final int ROWS = 2_000;
  private static final int BATCH = 500;
  private static final int IN_FLIGHT = 64;
  private static final Duration LATENCY = Duration.ofMillis(100);

  /** Under way, and answered within a flush interval and a busy machine's delay. */
  private static final long OF_A_KILL = IN_FLIGHT + IN_FLIGHT * 500 / 100;

  @TempDir Path directory;

  private Path input(String of) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int row = 0; row < ROWS; row++) {
      lines.append(
          "{\"custom_id\":\"r%d\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}\n"
              .formatted(row, text(of, row)));
    }
    return Files.writeString(directory.resolve(of + ".jsonl"), lines);
  }

  private static String text(String of, int row) {
    return of + " asks <" + row + ">";
  }

  private ForkedProcess run(Path product, Path input, ShippedService service, String dialect) {
    List<String> words =
        List.of(
            product.resolve("scripts/batchinfer").toString(),
            "run",
            "--input",
            input.toString(),
            "--output",
            directory.resolve("out-" + dialect).toString(),
            "--base-url",
            service.url(),
            "--api-key-env",
            "SERVICE_KEY",
            "--via",
            "batch",
            "--batch-api",
            dialect,
            "--max-file-lines",
            Integer.toString(BATCH),
            "--batch-lag",
            "3s",
            "--poll-interval",
            "100ms",
            "--max-poll-interval",
            "1s",
            "--master",
            "local[2]");
    return ForkedProcess.command(words)
        .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
        .with("SERVICE_KEY", service.key("team"))
        .start();
  }

  @Test
  void everyRowIsAnsweredOnceThoughEitherSideIsKilled() throws IOException, InterruptedException {
    Path product = ShippedService.unpack(directory);
    try (SimulatedEndpoint endpoint =
        SimulatedEndpoint.start(
            SimulatorSettings.builder().timeToFirstToken(LATENCY).echo(true).build())) {
      List<String> options =
          List.of(
              "--base-url",
              endpoint.baseUrl().toString(),
              "--concurrency",
              Integer.toString(IN_FLIGHT));
      try (ShippedService first =
          ShippedService.start(product, directory.resolve("service"), List.of("team"), options)) {
        ServiceClient client = new ServiceClient(first.key("team"));
        Path openAi = input("openai");
        killWhen(
            run(product, openAi, first, "openai"),
            "the service works for the driver",
            () -> endpoint.statistics().distinctBodies() > ROWS / 4);
        finish(run(product, openAi, first, "openai"));
        check(endpoint, client, first.url(), "openai", ROWS);

        try (ForkedProcess run = run(product, input("mistral"), first, "mistral")) {
          await(
              run,
              "the service works for the other driver",
              () -> endpoint.statistics().distinctBodies() > ROWS + ROWS / 4);
          first.kill();
          try (ShippedService second = first.startAgain(options)) {
            finish(run);
            check(endpoint, client, second.url(), "mistral", 2 * ROWS);
          }
        }
      }
      long again = endpoint.statistics().received() - 2L * ROWS;
      System.out.printf("RemoteBatchServiceIT: %d rows were sent again%n", again);
      assertThat(again).isBetween(0L, OF_A_KILL);
    }
  }

  private void check(
      SimulatedEndpoint endpoint, ServiceClient client, String url, String dialect, int asked)
      throws IOException, InterruptedException {
    assertThat(endpoint.statistics().distinctBodies()).isEqualTo(asked);
    Map<String, JsonNode> rows = new TreeMap<>();
    LocalRun.forEachRow(
        directory.resolve("out-" + dialect).resolve("results"),
        row -> assertThat(rows.put(row.path("custom_id").asText(), row)).isNull());
    assertThat(rows).hasSize(ROWS);
    rows.forEach(
        (id, row) ->
            assertThat(CountingServer.said(row))
                .contains(text(dialect, Integer.parseInt(id.substring(1)))));
    List<String> ids = new ArrayList<>();
    int batched = 0;
    for (JsonNode job : client.jobs(url)) {
      ids.add(job.at("/metadata/batchinfer_id").asText());
      batched += job.path("total_requests").asInt();
    }
    assertThat(ids).as("created twice").doesNotHaveDuplicates().doesNotContain("");
    assertThat(batched).as("rows in all batches").isEqualTo(asked);
    assertThat(ids).hasSizeBetween(asked / BATCH, 2 * asked / BATCH);
    assertThat(client.files(url)).as("files left at the service").isEmpty();
  }

  private static void await(ForkedProcess process, String what, BooleanSupplier moment) {
    Eventually.await(
        what,
        LONG_ENOUGH,
        () -> {
          boolean now = moment.getAsBoolean();
          if (!now && !process.isAlive()) {
            throw new AssertionError("It ended by itself: " + process.waitFor(LONG_ENOUGH));
          }
          return now;
        },
        process::stderr);
  }

  private static void killWhen(ForkedProcess started, String what, BooleanSupplier moment) {
    try (ForkedProcess process = started) {
      await(process, what, moment);
      process.handle().destroyForcibly();
      process.waitFor(LONG_ENOUGH);
    }
  }

  private static void finish(ForkedProcess started) {
    try (ForkedProcess process = started) {
      Finished finished = process.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isZero();
    }
  }
}

package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RunCourse;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.JobStatus;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.storage.FileStores;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job with equal rows whose driver, now with Spark and now without, is killed at every stage:
 * each is paid once all the same.
 */
class KilledEqualRowsIT {
  private static final int ROWS = 4_000;
  private static final int TEXTS = 2_400;
  private static final int IN_FLIGHT = 32;
  private static final Duration LATENCY = Duration.ofMillis(100);

  /** Under way, and answered within a flush interval and a busy machine's delay. */
  private static final long OF_A_KILL = IN_FLIGHT + IN_FLIGHT * 500 / 100;

  @TempDir Path directory;

  private ForkedProcess start(Path input, Path output, SimulatedEndpoint endpoint, String master) {
    return ForkedProcess.command(
            List.of(
                BuiltProduct.baseDirectory().resolve("scripts/batchinfer").toString(),
                "run",
                "--input",
                input.toString(),
                "--output",
                output.toString(),
                "--base-url",
                endpoint.baseUrl().toString(),
                "--concurrency",
                Integer.toString(IN_FLIGHT),
                "--split-bytes",
                "64KiB",
                "--master",
                master))
        .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
        .start();
  }

  private void kill(ForkedProcess process, String when, BooleanSupplier moment) {
    try (process) {
      Eventually.await(
          when,
          LONG_ENOUGH,
          () -> {
            boolean now = moment.getAsBoolean();
            if (!now && !process.isAlive()) {
              throw new AssertionError("It ended by itself: " + process.waitFor(LONG_ENOUGH));
            }
            return now;
          },
          process::stderr);
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

  @Test
  void everyTextIsPaidOnceAndEveryRowAnswered() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    StringBuilder lines = new StringBuilder();
    for (int row = 0; row < ROWS; row++) {
      texts.add("text " + (row < TEXTS ? row : random.nextInt(TEXTS)));
    }
    Collections.shuffle(texts, random);
    for (int row = 0; row < ROWS; row++) {
      lines.append(
          "{\"custom_id\":\"r%d\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}\n"
              .formatted(row, texts.get(row)));
    }
    Path input = Files.writeString(directory.resolve("in.jsonl"), lines);
    Path output = directory.resolve("out");
    try (SimulatedEndpoint endpoint =
        SimulatedEndpoint.start(
            SimulatorSettings.builder().timeToFirstToken(LATENCY).echo(true).build())) {
      kill(
          start(input, output, endpoint, "none"),
          "it sends",
          () -> endpoint.statistics().distinctBodies() > TEXTS / 3);
      kill(
          start(input, output, endpoint, "local[2]"),
          "it copies",
          () -> Files.exists(output.resolve("_journal/copies")));
      kill(
          start(input, output, endpoint, "none"),
          "it publishes what it copied",
          () -> Files.exists(output.resolve("_journal/reopening.json")));
      finish(start(input, output, endpoint, "local[2]"));

      long received = endpoint.statistics().received();
      assertThat(endpoint.statistics().distinctBodies()).isEqualTo(TEXTS);
      System.out.printf(
          "KilledEqualRowsIT: %d of %d texts were sent again%n", received - TEXTS, TEXTS);
      assertThat(received - TEXTS).as("seed %d: sent again", seed).isBetween(0L, OF_A_KILL);
    }
    Map<String, JsonNode> rows = new TreeMap<>();
    LocalRun.forEachRow(
        output.resolve("results"),
        row -> assertThat(rows.put(row.path("custom_id").asText(), row)).isNull());
    assertThat(rows).hasSize(ROWS);
    int copies = 0;
    for (int row = 0; row < ROWS; row++) {
      JsonNode line = rows.get("r" + row);
      copies += line.has("deduplicated_from") ? 1 : 0;
      assertThat(CountingServer.said(line)).as("seed %d", seed).contains(texts.get(row));
    }
    assertThat(copies).isEqualTo(ROWS - TEXTS);
    assertTheCourseOutlivedTheKills(output);
  }

  /** A run that was killed before it sent anything leaves none. */
  private static void assertTheCourseOutlivedTheKills(Path output) {
    JobCourse course =
        JobCourse.read(new JobFolder(new FileStores(Configuration::new), "file:" + output));

    assertThat(course.runs()).hasSizeBetween(3, 4);
    RunCourse last = course.runs().get(course.runs().size() - 1);
    assertThat(last.ending().status()).isEqualTo(JobStatus.COMPLETED);
    assertThat(course.runs()).filteredOn(run -> run.endedAt().isEmpty()).hasSizeBetween(2, 3);
    assertThat(course.runs())
        .flatExtracting(RunCourse::points)
        .extracting(point -> point.rows().settled())
        .isSorted()
        .last()
        .isEqualTo((long) ROWS);
    assertThat(course.rows().rows()).isEqualTo(ROWS);
    assertThat(course.rows().finishReasons()).isEqualTo(Map.of("other", (long) ROWS));
  }
}

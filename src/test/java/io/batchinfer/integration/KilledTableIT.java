package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.simulator.SimulatorStatistics;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table in a process of its own, which is killed; the same call ends the job. */
class KilledTableIT extends SharedSpark {
  private static final int IN_FLIGHT = 32;
  private static final Duration LATENCY = Duration.ofMillis(100);
  private static final Duration FLUSH_INTERVAL = Duration.ofMillis(250);

  /** Time that a busy machine may take on top of an interval. */
  private static final Duration JITTER = Duration.ofMillis(250);

  /** What a kill may have sent again. */
  private static final long OF_A_KILL =
      IN_FLIGHT + IN_FLIGHT * FLUSH_INTERVAL.plus(JITTER).dividedBy(LATENCY);

  @TempDir Path directory;
  private SimulatedEndpoint endpoint;
  private SparkSession session;
  private final Map<String, String> options = new HashMap<>();

  @BeforeEach
  void start() {
    endpoint =
        SimulatedEndpoint.start(SimulatorSettings.builder().timeToFirstToken(LATENCY).build());
    session = SparkSession.builder().config(jsc().getConf()).getOrCreate();
    options.putAll(
        Map.of(
            "key", "id",
            "prompt", "{text}",
            "model", "m",
            "base_url", endpoint.baseUrl().toString(),
            "split_bytes", "16KiB",
            "concurrency", "" + IN_FLIGHT));
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  private Dataset<Row> table(int rows, String text) {
    session
        .range(0, rows, 1, 4)
        .selectExpr("id", text + " AS text")
        .write()
        .parquet(directory.resolve("in").toString());
    return session.read().parquet(directory.resolve("in").toString());
  }

  private Path output() {
    return directory.resolve("out");
  }

  private SimulatorStatistics seen() {
    return endpoint.statistics();
  }

  private ForkedProcess job() {
    return TableJob.start(directory.resolve("in"), output(), options);
  }

  private Dataset<Row> answers() {
    return session.read().format("batchinfer").load(output().toString());
  }

  @Test
  void theSameCallEndsTheJobWhereverItWasKilled() {
    int rows = 1_600;
    Dataset<Row> table = table(rows, "concat('Row ', id)");

    kill("it stages", this::hasStagedFiles);
    assertThat(seen().received()).as("sent while staging").isZero();
    kill("it sends", () -> seen().distinctBodies() > rows / 3);
    kill("all is sent", () -> seen().ok() >= rows && seen().distinctBodies() == rows);
    finish();

    assertThat(answers().count()).isEqualTo(rows);
    assertThat(answers().join(table, "id").where("status = 'succeeded'").count()).isEqualTo(rows);
    long received = seen().received();
    System.out.printf("KilledTableIT: %d of %d rows were sent again%n", received - rows, rows);
    assertThat(received - rows).as("sent again").isBetween(0L, 2 * OF_A_KILL);
    finish();
    assertThat(seen().received()).as("the job is over").isEqualTo(received);
  }

  @Test
  void anAnswerThatIsAskedForAgainIsPaidAgainWithinTheSameBound() {
    int rows = 800;
    Dataset<Row> table =
        table(rows, "concat(if(id % 2 = 0, '[[fault:unfit_prose*1]] ', ''), 'Row ', id)");
    options.put("answer_schema", "label STRING NOT NULL");
    options.put("repair_attempts", "2");

    kill("it repairs", () -> seen().received() > seen().distinctBodies() + rows / 8);
    finish();

    assertThat(answers().join(table, "id").where("parsed.label IS NOT NULL").count())
        .isEqualTo(rows);
    long more = seen().received() - rows - rows / 2;
    System.out.printf("KilledTableIT: %d requests more than without a kill%n", more);
    // A row whose first answer was lost needs no repair: the endpoint counts its attempts.
    assertThat(more).isBetween((long) -IN_FLIGHT, OF_A_KILL);
  }

  /** Whether lines are being staged; what counts is known only at the end. */
  private boolean hasStagedFiles() {
    Path staged = output().resolve("_plan/staged");
    if (!Files.isDirectory(staged)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(staged)) {
      return files.anyMatch(file -> file.toString().endsWith(".jsonl"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void kill(String when, BooleanSupplier moment) {
    try (ForkedProcess process = job()) {
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

  private void finish() {
    try (ForkedProcess process = job()) {
      Finished finished = process.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isZero();
    }
  }
}

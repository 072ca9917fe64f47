package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.SharedSpark;
import io.batchinfer.testing.SparkCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A table is answered on a cluster whose driver is killed while it stages, while it sends and after
 * the last answer, and one of whose executors is killed, too.
 */
class TableOnClusterIT extends SharedSpark {
  private static final int ROWS = 4_000;
  private static final int IN_FLIGHT = 32;
  private static final Duration LATENCY = Duration.ofMillis(100);
  private static final Duration FLUSH_INTERVAL = Duration.ofMillis(250);

  /** Time that a busy machine may take on top of an interval. */
  private static final Duration JITTER = Duration.ofMillis(250);

  @TempDir Path directory;

  @Test
  void theSameCommandEndsTheJobWhereverItWasKilled() throws IOException {
    SparkSession session = SparkSession.builder().config(jsc().getConf()).getOrCreate();
    Dataset<Row> table =
        session
            .range(0, ROWS, 1, 8)
            .selectExpr("id", "date_add(date'2026-01-01', cast(id as int)) as day");
    table.write().parquet(directory.resolve("in").toString());
    try (SparkCluster cluster = SparkCluster.start(2);
        SimulatedEndpoint endpoint =
            SimulatedEndpoint.start(
                SimulatorSettings.builder().timeToFirstToken(LATENCY).build())) {
      ClusterJob job =
          new ClusterJob(
              cluster,
              directory.resolve("in"),
              directory.resolve("out"),
              endpoint.baseUrl().toString(),
              List.of(
                  "--input-format",
                  "parquet",
                  "--key",
                  "id,day",
                  "--prompt",
                  "Row {id} of {day}",
                  "--model",
                  "m",
                  "--split-bytes",
                  "16KiB",
                  "--concurrency",
                  "" + IN_FLIGHT));

      killDriver(job, "it stages", () -> hasStagedFiles(job.output()));
      assertThat(endpoint.statistics().received()).as("sent while staging").isZero();
      killDriver(job, "it sends", () -> endpoint.statistics().distinctBodies() > ROWS / 5);
      killExecutor(cluster, job, endpoint);
      killDriver(
          job,
          "all is sent",
          () ->
              endpoint.statistics().ok() >= ROWS && endpoint.statistics().distinctBodies() == ROWS);
      Finished finished = job.start().waitFor(LONG_ENOUGH);

      assertThat(finished.exitCode()).as("%s", finished).isZero();
      Dataset<Row> answers = session.read().format("batchinfer").load(job.output().toString());
      Dataset<Row> joined = table.join(answers, table.col("id").equalTo(answers.col("id")));
      assertThat(
              joined
                  .where(table.col("day").equalTo(answers.col("day")))
                  .where("status = 'succeeded'")
                  .count())
          .isEqualTo(ROWS);
      assertThat(answers.count()).isEqualTo(ROWS);
      long resent = endpoint.statistics().received() - ROWS;
      long ofInterval = IN_FLIGHT * FLUSH_INTERVAL.plus(JITTER).dividedBy(LATENCY);
      assertThat(resent)
          .as("sent again after four kills")
          .isBetween(0L, 4 * (IN_FLIGHT + ofInterval));
      Finished again = job.start().waitFor(LONG_ENOUGH);
      assertThat(again.exitCode()).isZero();
      assertThat(endpoint.statistics().received()).isEqualTo(ROWS + resent);
    }
  }

  /** Whether lines are being staged; what counts is known only at the end. */
  private static boolean hasStagedFiles(Path output) {
    Path staged = output.resolve("_plan/staged");
    if (!Files.isDirectory(staged)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(staged)) {
      return files.anyMatch(file -> file.toString().endsWith(".jsonl"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void killDriver(ClusterJob job, String when, BooleanSupplier moment) {
    try (ForkedProcess driver = job.start()) {
      await(driver, when, moment);
      driver.handle().destroyForcibly();
      driver.waitFor(LONG_ENOUGH);
    }
  }

  private static void killExecutor(
      SparkCluster cluster, ClusterJob job, SimulatedEndpoint endpoint) {
    try (ForkedProcess driver = job.start()) {
      long answered = endpoint.statistics().distinctBodies();
      await(
          driver,
          "rows are answered",
          () -> endpoint.statistics().distinctBodies() > answered + ROWS / 10);
      cluster.executors().get(0).destroyForcibly();
      await(
          driver, "it goes on", () -> endpoint.statistics().distinctBodies() > answered + ROWS / 5);
      driver.handle().destroyForcibly();
      driver.waitFor(LONG_ENOUGH);
    }
  }

  private static void await(ForkedProcess driver, String when, BooleanSupplier moment) {
    Eventually.await(
        when,
        LONG_ENOUGH,
        () -> {
          if (!driver.isAlive() && !moment.getAsBoolean()) {
            throw new AssertionError("The driver ended by itself: " + driver.waitFor(LONG_ENOUGH));
          }
          return moment.getAsBoolean();
        },
        driver::stderr);
  }
}

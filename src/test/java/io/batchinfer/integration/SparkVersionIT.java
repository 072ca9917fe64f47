package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ClassJar;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.SparkCluster;
import io.batchinfer.testing.SparkCluster.DeployMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job jar as it was built, on the Spark that {@code -Dit.spark.version} names: from the command
 * line, and under a program on two executors. {@code scripts/spark-versions} runs it on each.
 */
class SparkVersionIT {
  private static final int ROWS = 200;

  /** Every so manieth row is refused at its first attempt. */
  private static final int REFUSED = 50;

  @TempDir Path directory;

  @Test
  void filesAreAnsweredAndTheirAnswersWrittenAsATable() throws IOException {
    Path input = requests();
    Path out = directory.resolve("out");
    try (SimulatedEndpoint endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults())) {
      List<String> run =
          List.of(
              "run",
              "--input",
              input.toString(),
              "--output",
              out.toString(),
              "--base-url",
              endpoint.baseUrl().toString(),
              "--max-failure-rate",
              "0.5",
              "--split-bytes",
              "4KiB",
              "--master",
              "local[2]");

      succeed(run);
      assertThat(Parts.ids(out.resolve("results"))).hasSize(ROWS - ROWS / REFUSED);
      assertThat(Parts.ids(out.resolve("errors"))).hasSize(ROWS / REFUSED);
      assertThat(endpoint.statistics().received()).isEqualTo(ROWS);

      succeed(run);
      assertThat(endpoint.statistics().received()).as("sent by the same command").isEqualTo(ROWS);

      List<String> again = new ArrayList<>(run);
      again.add("--retry-failed");
      succeed(again);
      assertThat(endpoint.statistics().received()).isEqualTo(ROWS + ROWS / REFUSED);
      assertThat(Parts.ids(out.resolve("results"))).isEqualTo(Requests.ids(ROWS));

      Path table = directory.resolve("table");
      succeed(List.of("results", out.toString(), "--format", "parquet", "--to", table.toString()));
      Path lines = directory.resolve("lines");
      succeed(
          List.of(
              "run",
              "--input",
              table.toString(),
              "--input-format",
              "parquet",
              "--key",
              "custom_id",
              "--prompt",
              "Repeat: {answer}",
              "--model",
              "m",
              "--output",
              lines.toString(),
              "--base-url",
              endpoint.baseUrl().toString(),
              "--master",
              "local[2]"));
      assertThat(Parts.ids(lines.resolve("results")))
          .containsExactlyInAnyOrderElementsOf(Requests.ids(ROWS));
    }
  }

  private Path requests() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      lines.append(Requests.line(i, i % REFUSED == 0 ? "word [[fault:http_400*1]]" : "word"));
    }
    return Files.writeString(directory.resolve("requests.jsonl"), lines);
  }

  private static void succeed(List<String> arguments) {
    List<String> words = new ArrayList<>();
    words.add(BuiltProduct.baseDirectory().resolve("scripts/batchinfer").toString());
    words.addAll(arguments);
    Finished finished =
        ForkedProcess.command(words)
            .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
            .with("JAVA_HOME", System.getProperty("java.home"))
            .run(LONG_ENOUGH);
    assertThat(finished.exitCode()).as("%s", finished).isZero();
  }

  @Test
  void aTableIsAnsweredOnTwoExecutors() throws IOException {
    try (SparkCluster cluster = SparkCluster.start(2);
        SimulatedEndpoint endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
        ForkedProcess program =
            cluster.startSubmission(
                DeployMode.CLIENT,
                TableProgram.class.getName(),
                ClassJar.of(TableProgram.class, directory),
                List.of("--jars", BuiltProduct.jobJar().toString()),
                List.of(directory.toString(), endpoint.baseUrl().toString()))) {
      TableProgramOutcome.check(
          program.waitFor(LONG_ENOUGH), BuiltProduct.sparkVersion(), endpoint);
    }
  }
}

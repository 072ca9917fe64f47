package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.BatchInference;
import io.batchinfer.BatchInferenceException;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.SharedSpark;
import io.batchinfer.testing.TroubledFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that a table names by paths. */
class TableImagesTest extends SharedSpark {
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0};
  private static final String DATA_URL = "data:image/png;base64,iVBORw0KGgoA";

  @TempDir Path directory;
  private SimulatedEndpoint endpoint;
  private Path root;

  @BeforeEach
  void start() throws IOException {
    endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
    root = Files.createDirectories(directory.resolve("images/a")).getParent();
    Files.write(root.resolve("a/b.png"), PNG);
    Files.write(directory.resolve("secret.png"), PNG);
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  private BatchInference on(String mediaRoot, String... paths) {
    SparkSession session = SparkSession.builder().config(jsc().getConf()).getOrCreate();
    Dataset<Row> table = session.createDataset(List.of(paths), Encoders.STRING()).toDF("path");
    return BatchInference.on(table)
        .key("path")
        .prompt("What is this?")
        .images("path")
        .model("m")
        .option("media-root", mediaRoot)
        .option("base-url", endpoint.baseUrl().toString())
        .option("max-failure-rate", "1")
        .output(directory.resolve("out").toString());
  }

  @Test
  void thoseUnderTheMediaRootAreReadAndNoOthers() {
    List<String> outside =
        List.of(
            directory.resolve("secret.png").toString(),
            "../secret.png",
            "a/../../secret.png",
            "file:" + directory.resolve("secret.png"),
            root + "-other/b.png",
            "a/none.png",
            "a");
    BatchInference job =
        on(
            root.toString(),
            Stream.concat(
                    Stream.of("a/b.png", root.resolve("a/b.png").toString()), outside.stream())
                .toArray(String[]::new));

    List<String> lines = job.preview(100);
    List<Row> answers = job.run().answers().collectAsList();

    assertThat(lines).filteredOn(line -> line.contains(DATA_URL)).hasSize(2);
    assertThat(lines).filteredOn(line -> line.contains("iVBOR")).hasSize(2);
    assertThat(answers)
        .filteredOn(row -> row.getAs("status").equals("failed"))
        .allMatch(row -> row.<Row>getAs("error").getAs("code").equals("invalid_media"))
        .extracting(row -> row.<String>getAs("path"))
        .containsExactlyInAnyOrderElementsOf(outside);
    assertThat(endpoint.statistics().received()).isEqualTo(2);
  }

  @Test
  void oneThatTheStorageDoesNotGiveEndsTheRunBeforeAnythingIsSent() throws Exception {
    BatchInference job = on(TroubledFiles.name(root), "a/b.png");

    try (AutoCloseable trouble = TroubledFiles.with(new TroubledFiles.Unreadable("b.png"))) {
      assertThatThrownBy(job::run)
          .isInstanceOf(BatchInferenceException.class)
          .hasMessageContaining("b.png")
          .extracting(e -> ((BatchInferenceException) e).code())
          .isEqualTo("storage_failed");
    }
    assertThat(endpoint.statistics().received()).isZero();
    assertThat(directory.resolve("out/job.json")).doesNotExist();

    assertThat(job.run().job().counts().succeeded()).isEqualTo(1);
  }
}

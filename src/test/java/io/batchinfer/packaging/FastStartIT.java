package io.batchinfer.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leaves its record beside the job jar, so that runs after a full build start fast. */
class FastStartIT {
  @TempDir Path directory;

  @Test
  void aLocalRunUsesTheRecordedClasses() throws IOException {
    Path scripts = BuiltProduct.baseDirectory().resolve("scripts");
    Path record = BuiltProduct.jobJar().resolveSibling("batchinfer-job.jsa");
    Files.deleteIfExists(record);
    Path input =
        Files.writeString(
            directory.resolve("requests.jsonl"),
            """
            {"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"simulated","messages":[{"role":"user","content":"Hello"}]}}
            """);

    Finished recorded =
        ForkedProcess.command(scripts.resolve("fast-start").toString())
            .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
            .run(Duration.ofMinutes(6));

    assertThat(recorded.exitCode()).as("%s", recorded).isZero();
    assertThat(record).isRegularFile();

    Finished run =
        ForkedProcess.command(
                scripts.resolve("batchinfer").toString(),
                "run",
                "--simulate",
                "--input",
                input.toString(),
                "--output",
                directory.resolve("output").toString())
            .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
            .with("BATCHINFER_JAVA_OPTS", "-Xlog:class+load:stderr")
            .run(Duration.ofMinutes(2));

    assertThat(run.exitCode()).isZero();
    assertThat(run.stderr().lines())
        .anyMatch(
            line ->
                line.contains("org.apache.spark.SparkContext ")
                    && line.contains("shared objects file (top)"));
  }
}

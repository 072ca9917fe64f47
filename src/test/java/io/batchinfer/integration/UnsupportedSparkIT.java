package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The job jar where the Spark at hand cannot run it: one sentence, and nothing is begun. */
class UnsupportedSparkIT {

  @TempDir Path directory;
  private List<String> run;

  @BeforeEach
  void writeInput() throws IOException {
    Path input = Requests.chat(directory.resolve("requests.jsonl"), 3, 5);
    run =
        List.of(
            "run",
            "--input",
            input.toString(),
            "--output",
            directory.resolve("out").toString(),
            "--simulate");
  }

  private List<String> program(Path jars) {
    List<String> words = new ArrayList<>();
    words.add(BuiltProduct.java().toString());
    words.addAll(BuiltProduct.sparkJvmFlags());
    words.addAll(List.of("-cp", BuiltProduct.jobJar() + ":" + jars + "/*"));
    words.add("io.batchinfer.cli.Main");
    words.addAll(run);
    return words;
  }

  private void assertRefused(ForkedProcess.Command command, String sentence) {
    Finished finished = command.run(LONG_ENOUGH);
    assertThat(finished.stderr()).as("%s", finished).contains(sentence);
    assertThat(finished.exitCode()).as("%s", finished).isIn(1, 2);
    assertThat(Files.exists(directory.resolve("out"))).isFalse();
  }

  /** What Databricks gives programs on serverless compute and in standard access mode. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "none, A client of Spark Connect has no Spark context",
        "client.4.9, Databricks' serverless compute gives no Spark context",
        "17.3, Databricks' standard access mode gives no Spark context"
      })
  void withNothingButAClientOfSparkConnect(String runtime, String sentence) {
    Map<String, String> environment =
        runtime == null ? Map.of() : Map.of("DATABRICKS_RUNTIME_VERSION", runtime);
    ForkedProcess.Command command =
        ForkedProcess.command(program(BuiltProduct.connectClient().resolve("jars")));
    environment.forEach(command::with);

    assertRefused(command, sentence);
  }

  @Test
  void onAJavaThatIsTooNewForTheSpark() {
    boolean old = BuiltProduct.sparkVersion().matches("4\\.[01]\\..*");
    assumeTrue(old && Runtime.version().feature() >= 24, "this Spark runs on this Java");
    List<String> script = new ArrayList<>();
    script.add(BuiltProduct.baseDirectory().resolve("scripts/batchinfer").toString());
    script.addAll(run);

    assertRefused(
        ForkedProcess.command(script)
            .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
            .with("JAVA_HOME", System.getProperty("java.home")),
        "is too new for Spark \"" + BuiltProduct.sparkVersion());
    assertRefused(
        ForkedProcess.command(program(BuiltProduct.sparkHome().resolve("jars"))),
        "is too new for the Hadoop of this Spark");
  }
}

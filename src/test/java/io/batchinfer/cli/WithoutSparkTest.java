package io.batchinfer.cli;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands in a JVM that has the program, and neither Spark nor Hadoop. */
class WithoutSparkTest {

  @TempDir Path folder;
  private String input;

  @BeforeEach
  void writeInput() throws IOException {
    input =
        Files.writeString(folder.resolve("in.jsonl"), "{\"custom_id\":\"a\",\"body\":{}}\n")
            .toString();
  }

  private static ForkedProcess.Command command(String... words) {
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.matches(".*/org/apache/(spark|hadoop)/.*"))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> all = new ArrayList<>();
    all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    all.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", classPath));
    all.add(Main.class.getName());
    all.addAll(List.of(words));
    return ForkedProcess.command(all);
  }

  private List<String> run(String... more) {
    List<String> words = new ArrayList<>(List.of("run", "--input", input, "--output"));
    words.addAll(List.of(folder.resolve("out").toString(), "--base-url", "http://127.0.0.1:1"));
    words.addAll(List.of(more));
    return words;
  }

  @Test
  void aRunSaysThatThereIsNoSpark() throws IOException {
    Finished finished = command(run("--json").toArray(String[]::new)).run(LONG_ENOUGH);

    assertThat(finished.exitCode()).as("%s", finished).isEqualTo(2);
    assertThat(finished.stderr())
        .startsWith("There is no Spark on the class path")
        .doesNotContain("\tat ");
    assertThat(new ObjectMapper().readTree(finished.stdout()).path("error").asText())
        .isEqualTo("unsupported_spark");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void onServerlessComputeTheFailureIsThrownSinceTheJvmIsNotOurs() {
    Finished finished =
        command(run().toArray(String[]::new))
            .with("DATABRICKS_RUNTIME_VERSION", "client.4.9")
            .run(LONG_ENOUGH);

    assertThat(finished.stderr())
        .startsWith("Databricks' serverless compute gives no Spark context")
        .contains("CommandFailedException")
        .contains("exit code 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"status", "results", "verify", "cancel"})
  void otherCommandsSaySo(String command) {
    Finished finished = command(command, folder.toString()).run(LONG_ENOUGH);

    assertThat(finished.exitCode()).as("%s", finished).isEqualTo(2);
    assertThat(finished.stderr()).startsWith("There is no Spark on the class path");
  }

  @Test
  void thatTheSummaryCannotBeWrittenIsSaidBesideTheReason() {
    Path summary = folder.resolve("summary.json");
    Finished finished =
        command(run("--summary-file", summary.toString()).toArray(String[]::new)).run(LONG_ENOUGH);

    assertThat(finished.exitCode()).as("%s", finished).isEqualTo(2);
    assertThat(finished.stderr())
        .startsWith("There is no Spark on the class path")
        .contains("\"%s\" could not be written".formatted(summary))
        .doesNotContain("\tat ");
  }
}

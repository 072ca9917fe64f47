package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that end before there is anything to tell of a job. */
class FailureTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private Path input;

  @BeforeEach
  void writeInput() throws IOException {
    input = Files.writeString(folder.resolve("in.jsonl"), "{\"custom_id\":\"a\",\"body\":{}}\n");
  }

  private CommandLineRun run(String... more) {
    List<String> words =
        new ArrayList<>(List.of("run", "--base-url", "http://127.0.0.1:1", "--json"));
    words.addAll(List.of(more));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  private static void assertOneObject(CommandLineRun run, int exitCode, String code)
      throws IOException {
    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.out()).hasLineCount(1);
    JsonNode json = JSON.readTree(run.out());
    assertThat(json.get("job_id").isNull()).isTrue();
    assertThat(json.path("status").asText()).isEqualTo("error");
    assertThat(json.path("error").asText()).isEqualTo(code);
    assertThat(json.path("exit_code").asInt()).isEqualTo(exitCode);
    assertThat(run.err().strip()).isEqualTo(json.path("message").asText()).isNotEmpty();
  }

  @Test
  void anEarlyFailurePrintsItsOneObject() throws IOException {
    String in = input.toString();
    String out = folder.resolve("out").toString();

    assertOneObject(run("-i", folder + "/absent", "-o", out), 2, "invalid_input");
    assertOneObject(run("-i", in, "-o", in), 2, "usage");
    String file = Files.writeString(folder.resolve("file"), "x").toString();
    assertOneObject(run("-i", in, "-o", file), 2, "output_mismatch");
    assertOneObject(run("-i", in, "-o", folder.toString()), 2, "output_mismatch");
    assertOneObject(run("-i", in), 2, "usage");
    assertOneObject(run("-i", in, "-o", out, "--concurrency", "many"), 2, "usage");
    assertOneObject(run("-i", in, "-o", out, "--conncurrency=7"), 2, "usage");
    assertOneObject(run("-i", "s3n://bucket/x", "-o", out), 1, "storage_failed");
    assertOneObject(CommandLineRun.of("status", out, "--json"), 2, "output_mismatch");
    assertOneObject(CommandLineRun.of("validate", "-i", out, "--json"), 2, "invalid_input");
  }

  @Test
  void nothingButTheMessageIsPrintedWithoutJson() {
    CommandLineRun run = CommandLineRun.of("validate", "-i", folder + "/absent");

    assertThat(run.out()).isEmpty();
    assertThat(run.err()).hasLineCount(1).contains("There is no input");
  }

  private CommandLineRun told(String output) {
    return CommandLineRun.of("status", "--output", output, "--submission", "7-1", "--json");
  }

  @Test
  void theSubmitterHearsWhyTheDriverFailedWhereverTheOutputIs() throws IOException {
    Path foreign = Files.createDirectory(folder.resolve("foreign"));
    Files.writeString(foreign.resolve("precious"), "x");
    Path file = Files.writeString(folder.resolve("file"), "x");
    for (String output :
        List.of(folder.resolve("new").toString(), foreign.toString(), file.toString())) {
      for (List<String> cause :
          List.of(
              List.of("-i", folder.resolve("absent").toString()),
              List.of("-i", input.toString(), "--concurrency", "many"))) {
        List<String> words = new ArrayList<>(cause);
        words.addAll(List.of("-o", output, "--submission", "7-1"));
        CommandLineRun driver = run(words.toArray(String[]::new));

        CommandLineRun client = told(output);

        assertThat(client.exitCode()).isEqualTo(driver.exitCode()).isEqualTo(2);
        assertThat(client.err()).startsWith(driver.err().strip());
        assertOneObject(client, client.out());
      }
    }
    assertThat(Files.readString(foreign.resolve("precious"))).isEqualTo("x");
    try (Stream<Path> left = Files.list(foreign)) {
      assertThat(left).hasSize(1);
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).extracting(Path::getFileName).noneMatch(x -> x.toString().startsWith("."));
    }
  }

  private static void assertOneObject(CommandLineRun run, String out) throws IOException {
    assertThat(out).hasLineCount(1);
    assertThat(JSON.readTree(out).path("message").asText()).isEqualTo(run.err().strip());
  }

  @Test
  void pathsOfTheDriversMachineAreNamedAsSuch() {
    String output = folder.resolve("new").toString();
    run("-i", "no-such-folder/in.jsonl", "-o", output, "--submission", "7-1");

    assertThat(told(output).err())
        .contains("There is no input \"no-such-folder/in.jsonl\"")
        .contains(
            "In cluster mode \"no-such-folder/in.jsonl\", \""
                + output
                + "\" are looked up by the driver")
        .contains(Path.of("").toAbsolutePath().toString());
  }

  @Test
  void aDriverThatLeftNoWordMayHaveWrittenToAnotherMachine() {
    CommandLineRun client = told(folder.resolve("new").toString());

    assertThat(client.exitCode()).isEqualTo(1);
    assertThat(client.err()).contains("left no note", "in cluster mode the driver has written");
  }

  @Test
  void sparkThatEndsUnderARunIsNoDefect() {
    for (String words :
        List.of(
            "Cannot call methods on a stopped SparkContext.\nThis stopped SparkContext was …",
            "Job 3 cancelled because SparkContext was shut down")) {
      Failure failure =
          Failure.of(new IllegalArgumentException("around", new IllegalStateException(words)));

      assertThat(failure.code()).isEqualTo(ErrorCode.INTERRUPTED);
      assertThat(failure.message()).startsWith("Spark ended the application: ");
    }
  }
}

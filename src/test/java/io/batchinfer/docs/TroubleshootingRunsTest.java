package io.batchinfer.docs;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users meet first, done in earnest, is on the page about trouble in the words it has. */
class TroubleshootingRunsTest extends SharedSpark {
  @TempDir Path directory;

  @AutoClose
  private final SimulatedEndpoint endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());

  private Path input;
  private String output;

  @BeforeEach
  void writeInput() throws IOException {
    input = directory.resolve("in.jsonl");
    output = directory.resolve("out").toString();
    Files.writeString(input, line(1) + line(2));
  }

  private static String line(int number) {
    return "{\"custom_id\":\"%d\",\"body\":{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}}\n"
        .formatted(number);
  }

  private void assertQuoted(String beginning, int exitCode, String... arguments) {
    CommandLineRun run = CommandLineRun.of(arguments);
    assertThat(run.exitCode()).as("%s", run).isEqualTo(exitCode);
    assertThat(QuotedMessages.in(run.err()))
        .as("%s", run)
        .anyMatch(message -> message.startsWith(beginning));
  }

  private void assertRunQuoted(String beginning, int exitCode, String... more) {
    List<String> words =
        new ArrayList<>(List.of("run", "--input", input.toString(), "--output", output));
    words.addAll(List.of(more));
    assertQuoted(beginning, exitCode, words.toArray(String[]::new));
  }

  private String server() {
    return endpoint.baseUrl().toString();
  }

  @Test
  void mistakesOnTheCommandLine() {
    assertRunQuoted("Option … is unknown", 2, "--inptu", "x");
    assertQuoted("There is no such command", 2, "rnu");
    assertQuoted("Option … is missing", 2, "run", "--output", output, "--simulate");
    assertRunQuoted("No endpoint is named", 2);
    assertRunQuoted("Provider \"…\" has no address", 2, "--provider", "vllm");
    assertRunQuoted("There is no provider profile", 2, "--provider", "opneai");
    assertRunQuoted(
        "Environment variable", 2, "--base-url", server(), "--api-key-env", "NO_SUCH_VARIABLE");
    assertRunQuoted("… cannot be held", 2, "--base-url", server(), "--max-cost", "1");
    assertRunQuoted("The line asks for model", 2, "--base-url", server(), "--model", "n");
    assertRunQuoted("The input has", 2, "--base-url", server(), "--model", "n");
    assertQuoted("There is no folder", 2, "status", directory.resolve("nosuch").toString());
    assertQuoted("There is no job in", 2, "status", directory.toString());
    for (String path : List.of("/Volumes/a/b/c", "nosuch://a/b")) {
      assertQuoted(
          "Cannot use the path",
          1,
          "run",
          "--simulate",
          "--input",
          input.toString(),
          "--output",
          path);
    }
    assertThat(endpoint.statistics().received()).isZero();
  }

  @Test
  void inputsAndOutputsThatDoNotFit() throws IOException {
    assertQuoted(
        "There is no input", 2, "run", "--simulate", "--input", "nosuch", "--output", output);
    assertQuoted(
        "The output \"…\" is not empty",
        2,
        "run",
        "--simulate",
        "--input",
        input.toString(),
        "--output",
        directory.toString());

    assertThat(
            CommandLineRun.of("run", "--simulate", "--input", input.toString(), "--output", output)
                .exitCode())
        .isZero();
    assertRunQuoted("This job was over before", 0, "--simulate");
    assertRunQuoted("The output \"…\" belongs to another job", 2, "--simulate", "--agent-id", "a");
    Files.writeString(input, line(1) + line(3));
    assertRunQuoted("The output \"…\" belongs to a job over other input", 2, "--simulate");
    Path file = Files.writeString(directory.resolve("file"), "");
    assertQuoted(
        "Cannot make the folder",
        1,
        "run",
        "--simulate",
        "--input",
        input.toString(),
        "--output",
        file + "/out");
  }

  @Test
  void endpointsThatDoNotAnswerAsTheyShould() throws IOException {
    Path key = Files.writeString(directory.resolve("key"), "sk-wrong");
    endpoint.change(settings -> settings.requiredApiKey("sk-right"));
    assertRunQuoted("Endpoint \"…\" wants a key", 1, "--base-url", server());
    endpoint.reset();
    assertRunQuoted(
        "Endpoint \"…\" does not accept the key",
        1,
        "--base-url",
        server(),
        "--api-key-file",
        key.toString());
    Files.writeString(key, "sk-right");
    String[] known = {"--api-key-file", key.toString(), "--base-url"};
    endpoint.reset();
    Files.writeString(
        input, IntStream.range(0, 9).mapToObj(number -> line(number)).collect(joining()));
    output = directory.resolve("elsewhere").toString();
    assertRunQuoted(
        "Endpoint \"…\" answered 404", 1, known[0], known[1], known[2], server() + "/no/such");
    assertRunQuoted("No TLS with …: it", 1, "--base-url", server().replace("http:", "https:"));
    assertRunQuoted("The host of", 1, "--base-url", "http://no-such-host.invalid");
    assertRunQuoted("Cannot connect to …", 1, "--base-url", "http://127.0.0.1:1");
    assertRunQuoted("Endpoint \"…\" cannot be reached", 1, "--base-url", "http://127.0.0.1:1");

    Files.writeString(input, line(1).replace("Hi", "[[fault:insufficient_quota]]"));
    output = directory.resolve("unpaid").toString();
    assertRunQuoted("The account behind the key", 1, known[0], known[1], known[2], server());

    Files.writeString(input, line(1).replace("Hi", "[[fault:http_400]]"));
    output = directory.resolve("refused").toString();
    endpoint.reset();
    assertRunQuoted("No row succeeded at", 3, known[0], known[1], known[2], server());

    Files.writeString(
        input, IntStream.range(0, 99).mapToObj(number -> line(number)).collect(joining()));
    output = directory.resolve("capped").toString();
    assertRunQuoted(
        "Out of budget", 6, known[0], known[1], known[2], server(), "--max-total-tokens", "1");
  }
}

package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code --summary-file} holds, however a command ends. */
class SummaryFileTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private Path input;
  private Path file;

  @BeforeEach
  void anInput() throws IOException {
    input = folder.resolve("in.jsonl");
    Files.writeString(
        input,
        "{\"custom_id\":\"a\",\"body\":{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}}\n");
    file = folder.resolve("new/folder/summary.json");
  }

  private CommandLineRun run(String... more) {
    String[] arguments = new String[7 + more.length];
    String[] first = {
      "run", "-i", input.toString(), "-o", folder.resolve("out").toString(), "--simulate", "--json"
    };
    System.arraycopy(first, 0, arguments, 0, first.length);
    System.arraycopy(more, 0, arguments, first.length, more.length);
    return CommandLineRun.of(arguments);
  }

  private JsonNode summary() throws IOException {
    return JSON.readTree(file.toFile());
  }

  @Test
  void holdsTheObjectThatIsPrinted() throws IOException {
    CommandLineRun run = run("--summary-file", file.toString());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Files.readString(file)).isEqualTo(run.out());
    assertThat(summary().path("status").asText()).isEqualTo("completed");
  }

  @Test
  void aJobThatIsOverWritesItAgain() throws IOException {
    run();
    CommandLineRun again = run("--summary-file=" + file);

    assertThat(again.exitCode()).isZero();
    assertThat(summary().path("succeeded_requests").asInt()).isEqualTo(1);
  }

  @Test
  void statusWritesItToo() throws IOException {
    run();
    CommandLineRun status =
        CommandLineRun.of(
            "status", folder.resolve("out").toString(), "--summary-file", file.toString());

    assertThat(status.exitCode()).as(status.err()).isZero();
    assertThat(status.out()).contains("completed");
    assertThat(summary().path("status").asText()).isEqualTo("completed");
  }

  @Test
  void aRunThatNeverBeganWritesWhy() throws IOException {
    Files.delete(input);
    CommandLineRun run = run("--summary-file", file.toString());

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(summary().path("status").asText()).isEqualTo("error");
    assertThat(summary().path("exit_code").asInt()).isEqualTo(2);
    assertThat(summary().path("message").asText()).contains("in.jsonl");
  }

  @Test
  void aCommandLineThatIsNotUnderstoodWritesWhy() throws IOException {
    CommandLineRun run = run("--concurency", "4", "--summary-file", file.toString());

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(summary().path("message").asText()).contains("--concurency", "--concurrency");
  }

  @Test
  void whatAnEarlierRunLeftIsNoneOfThisOnes() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{\"status\":\"completed\"}");
    CommandLineRun run =
        CommandLineRun.heard(
            said -> {
              if (said.contains("Sending")) {
                assertThat(file).doesNotExist();
              }
            },
            "run",
            "-i",
            input.toString(),
            "-o",
            folder.resolve("other").toString(),
            "--simulate",
            "--summary-file",
            file.toString());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(summary().path("job_id").asText()).isNotEmpty();
  }

  @Test
  void aFileThatCannotBeWrittenIsRefusedBeforeAnythingIsSent() {
    CommandLineRun run = run("--summary-file", folder.toString());

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--summary-file \"" + folder + "\"", "it is a folder");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aFileUnderAFileIsRefused() {
    CommandLineRun run = run("--summary-file", input + "/summary.json");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--summary-file").contains("cannot be written");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aCommandWithoutTheFlagWritesNothing() {
    CommandLineRun run =
        CommandLineRun.of("validate", "-i", input.toString(), "--summary-file", file.toString());

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(file).doesNotExist();
  }
}

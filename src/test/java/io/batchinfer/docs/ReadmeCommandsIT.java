package io.batchinfer.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's two commands are the truth. */
class ReadmeCommandsIT {
  private static final Pattern SHELL_BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
  private static final int EXAMPLES = 100;

  @TempDir Path directory;

  @Test
  void theFirstCommandRunsTheMainJob() throws IOException {
    String command = shellBlocks().get(0).strip();
    assertThat(command)
        .startsWith("scripts/batchinfer run ")
        .contains(" --output target/first-batch ");
    Path output = directory.resolve("first-batch");

    Finished finished =
        ForkedProcess.command(
                "bash", "-c", command.replace("target/first-batch", output.toString()))
            .in(BuiltProduct.baseDirectory())
            .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
            .run(Duration.ofMinutes(2));

    assertThat(finished.exitCode()).as("%s", finished).isZero();
    assertThat(output.resolve("_SUCCESS")).exists();
    try (Stream<Path> parts = Files.list(output.resolve("results"))) {
      long lines = 0;
      for (Path part : parts.toList()) {
        lines += Files.readAllLines(part).size();
      }
      assertThat(lines).isEqualTo(EXAMPLES);
    }
  }

  @Test
  void theSecondCommandIsWhatContinuousIntegrationCalls() throws IOException {
    String command = shellBlocks().get(1).strip();

    assertThat(command).isEqualTo("scripts/check");
    assertThat(Files.readString(BuiltProduct.baseDirectory().resolve("scripts/check")))
        .containsPattern("mvn\\b.* verify");
    assertThat(Files.readString(BuiltProduct.baseDirectory().resolve(".ci/run"))).contains(command);
  }

  private static List<String> shellBlocks() throws IOException {
    Matcher matcher =
        SHELL_BLOCK.matcher(Files.readString(BuiltProduct.baseDirectory().resolve("README.md")));
    return matcher.results().map(found -> found.group(1)).toList();
  }
}

package io.batchinfer.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.docs.Pages.Piece;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever types what the first page says gets what it shows. */
class GettingStartedIT {
  private static final Path PAGE = Path.of("src/site/markdown/getting-started.md");

  /** A cluster has tests of its own. */
  private static final String NEEDS_A_CLUSTER = "--master";

  @TempDir Path target;

  @Test
  void everyBlockThatNeedsNoClusterRuns() {
    List<Piece> blocks = Pages.blocks(PAGE, "sh");
    String script =
        blocks.stream()
            .map(Piece::text)
            .filter(text -> !text.contains(NEEDS_A_CLUSTER))
            .collect(Collectors.joining("\n"));
    assertThat(blocks).hasSizeGreaterThan(4);
    try (SimulatedEndpoint server = SimulatedEndpoint.start(SimulatorSettings.defaults())) {
      String here = server.baseUrl().toString();

      Finished finished =
          ForkedProcess.command(
                  "bash",
                  "-euc",
                  script
                      .replace("target/", target + "/")
                      .replace("http://localhost:8000", here)
                      .replace("--provider openai", "--provider openai --base-url " + here)
                      .replace("=…", "=sk-of-nobody"))
              .in(BuiltProduct.baseDirectory())
              .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
              .run(Duration.ofMinutes(8));

      assertThat(finished.exitCode()).as("%s", finished).isZero();
      for (String output : List.of("first-batch", "from-my-server", "from-openai", "complaints")) {
        assertThat(target.resolve(output).resolve("_SUCCESS")).exists();
      }
      assertThat(target.resolve("complaints-table")).isNotEmptyDirectory();
      assertShown(finished.stderr());
    }
  }

  /** What the page shows was said, but for numbers and names that differ from run to run. */
  private static void assertShown(String said) {
    List<Piece> shown = Pages.blocks(PAGE, "text");
    assertThat(shown).isNotEmpty();
    shown.stream()
        .flatMap(block -> block.text().lines())
        .forEach(
            line ->
                assertThat(said)
                    .containsPattern(
                        Pattern.quote(line)
                            .replaceAll("batch_[0-9a-f]+", "\\\\E\\\\w+\\\\Q")
                            .replaceAll("(?<=127\\.0\\.0\\.1:)\\d+", "\\\\E\\\\d+\\\\Q")
                            .replaceAll("[\\d.,]+(?= (s|requests/s)\\b)", "\\\\E[\\\\d.,]+\\\\Q")
                            .replaceAll("file:/home/me/batchinfer/target/", "\\\\E\\\\S+\\\\Q")));
  }
}

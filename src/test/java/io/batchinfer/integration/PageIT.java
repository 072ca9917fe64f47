package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service's page as it is shipped, in a real browser. The steps are Node's, in {@code
 * src/test/node/page}; their reports go to {@code target/page}.
 */
class PageIT {
  private static final Duration TO_INSTALL = Duration.ofMinutes(5);
  private static final Duration TO_TEST = Duration.ofMinutes(10);
  private static final int FEWEST_CHECKS = 20;

  @TempDir Path directory;

  @Test
  void whatThePageOffersWorksForEveryone() throws IOException {
    assertThat(chromium())
        .as("Install Chromium (Debian: apt-get install chromium) or name it by CHROMIUM.")
        .isExecutable();
    Path reports = Path.of("target/page").toAbsolutePath();
    NodeTests tests =
        NodeTests.installed(BuiltProduct.baseDirectory().resolve("src/test/node"), TO_INSTALL);

    try (ShippedService service =
        ShippedService.start(
            ShippedService.unpack(directory),
            directory.resolve("service"),
            List.of("page"),
            List.of("--simulate"))) {
      Finished finished =
          ForkedProcess.command(tests.command("page", reports))
              .in(tests.folder())
              .with("BATCHINFER_URL", service.url())
              .with("BATCHINFER_KEY", service.key("page"))
              .with("CHROMIUM", chromium().toString())
              .run(TO_TEST);

      Files.writeString(reports.resolve("service.log"), service.log());
      List<String> tap = Files.readAllLines(reports.resolve("results.tap"));
      assertThat(NodeTests.failures(tap)).as("%s", reports.resolve("spec.txt")).isEmpty();
      assertThat(finished.exitCode()).as("%s", finished).isZero();
      assertThat(NodeTests.passes(tap)).isGreaterThanOrEqualTo(FEWEST_CHECKS);
    }
  }

  private static Path chromium() {
    return Path.of(System.getenv().getOrDefault("CHROMIUM", "/usr/bin/chromium"));
  }
}

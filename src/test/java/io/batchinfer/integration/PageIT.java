package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.Pictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service's page as it is shipped, in a real browser. The steps are Node's, in {@code
 * src/test/node}; their reports go to {@code target/page} and {@code target/pictures}.
 */
class PageIT {
  private static final Duration TO_INSTALL = Duration.ofMinutes(5);
  private static final Duration TO_TEST = Duration.ofMinutes(10);
  private static final int FEWEST_CHECKS = 20;
  private static final int NUMBER_OF_PICTURES = 2;

  @TempDir Path directory;

  @Test
  void whatThePageOffersWorksForEveryone() throws IOException {
    assertThat(passes("page", Map.of())).isGreaterThanOrEqualTo(FEWEST_CHECKS);
  }

  /** Makes the documentation's anew where {@code batchinfer.regenerate} is set. */
  @Test
  void picturesOfThePageCanBeMade() throws IOException {
    boolean regenerate = Boolean.getBoolean("batchinfer.regenerate");
    Map<String, String> place =
        regenerate
            ? Map.of("PICTURES", Files.createDirectories(Pictures.folder()).toString())
            : Map.of();

    assertThat(passes("pictures", place)).isEqualTo(NUMBER_OF_PICTURES);
    if (regenerate) {
      Files.writeString(Pictures.SERVICE.sumFile(), Pictures.SERVICE.sum() + "\n");
    }
  }

  /** How many of the checks in a folder of steps pass; one that fails fails the test. */
  private long passes(String steps, Map<String, String> environment) throws IOException {
    assertThat(chromium())
        .as("Install Chromium (Debian: apt-get install chromium) or name it by CHROMIUM.")
        .isExecutable();
    Path reports = Path.of("target").resolve(steps).toAbsolutePath();
    NodeTests tests =
        NodeTests.installed(BuiltProduct.baseDirectory().resolve("src/test/node"), TO_INSTALL);

    try (ShippedService service =
        ShippedService.start(
            ShippedService.unpack(directory),
            directory.resolve("service"),
            List.of("page"),
            List.of("--simulate"))) {
      ForkedProcess.Command command =
          ForkedProcess.command(tests.command(steps, reports))
              .in(tests.folder())
              .with("BATCHINFER_URL", service.url())
              .with("BATCHINFER_KEY", service.key("page"))
              .with("CHROMIUM", chromium().toString());
      environment.forEach(command::with);
      Finished finished = command.run(TO_TEST);

      Files.writeString(reports.resolve("service.log"), service.log());
      List<String> tap = Files.readAllLines(reports.resolve("results.tap"));
      assertThat(NodeTests.failures(tap)).as("%s", reports.resolve("spec.txt")).isEmpty();
      assertThat(finished.exitCode()).as("%s", finished).isZero();
      return NodeTests.passes(tap);
    }
  }

  private static Path chromium() {
    return Path.of(System.getenv().getOrDefault("CHROMIUM", "/usr/bin/chromium"));
  }
}

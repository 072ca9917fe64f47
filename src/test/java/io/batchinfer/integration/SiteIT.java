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

/**
 * The documentation as a site: {@code scripts/site} makes it, and a real browser reads it. The
 * steps are Node's, in {@code src/test/node/site}; their reports go to {@code target/site-test}.
 */
class SiteIT {
  private static final Duration TO_INSTALL = Duration.ofMinutes(5);
  private static final Duration TO_TEST = Duration.ofMinutes(10);
  private static final int FEWEST_CHECKS = 7;

  @Test
  void theSiteCanBeReadByEveryone() throws IOException {
    Path base = BuiltProduct.baseDirectory();
    Path reports = Path.of("target/site-test").toAbsolutePath();
    NodeTests tests = NodeTests.installed(base.resolve("src/test/node"), TO_INSTALL);
    Finished made =
        ForkedProcess.command(base.resolve("scripts/site").toString()).in(base).run(TO_INSTALL);
    assertThat(made.exitCode()).as("%s", made).isZero();

    Finished finished =
        ForkedProcess.command(tests.command("site", reports))
            .in(tests.folder())
            .with("SITE", base.resolve("target/site").toString())
            .run(TO_TEST);

    List<String> tap = Files.readAllLines(reports.resolve("results.tap"));
    assertThat(NodeTests.failures(tap)).as("%s", reports.resolve("spec.txt")).isEmpty();
    assertThat(finished.exitCode()).as("%s", finished).isZero();
    assertThat(NodeTests.passes(tap)).isGreaterThanOrEqualTo(FEWEST_CHECKS);
  }
}

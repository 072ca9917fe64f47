package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.report.page.SampleJob;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.Pictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The report of a job of a million rows in a real browser. The steps are Node's, in {@code
 * src/test/node/report}; the page and their reports go to {@code target/report-test}. Makes the
 * documentation's picture of it anew where {@code batchinfer.regenerate} is set.
 */
class ReportPageIT {
  private static final Duration TO_INSTALL = Duration.ofMinutes(5);
  private static final Duration TO_TEST = Duration.ofMinutes(5);
  private static final int FEWEST_CHECKS = 7;
  private static final String FIGURE = "# figure: ";

  @Test
  void theReportCanBeReadByEveryone() throws IOException {
    Path reports = Files.createDirectories(Path.of("target/report-test").toAbsolutePath());
    Path page = Files.writeString(reports.resolve("report.html"), SampleJob.page());
    NodeTests tests =
        NodeTests.installed(BuiltProduct.baseDirectory().resolve("src/test/node"), TO_INSTALL);

    boolean regenerate = Boolean.getBoolean("batchinfer.regenerate");
    ForkedProcess.Command command =
        ForkedProcess.command(tests.command("report", reports))
            .in(tests.folder())
            .with("REPORT", page.toString());
    if (regenerate) {
      command.with("PICTURES", Files.createDirectories(Pictures.folder()).toString());
    }
    Finished finished = command.run(TO_TEST);

    List<String> tap = Files.readAllLines(reports.resolve("results.tap"));
    tap.stream()
        .map(String::strip)
        .filter(line -> line.startsWith(FIGURE))
        .forEach(line -> System.out.println("The report: " + line.substring(FIGURE.length())));
    assertThat(NodeTests.failures(tap)).as("%s", reports.resolve("spec.txt")).isEmpty();
    assertThat(finished.exitCode()).as("%s", finished).isZero();
    assertThat(NodeTests.passes(tap)).isGreaterThanOrEqualTo(FEWEST_CHECKS);
    if (regenerate) {
      Files.writeString(
          Pictures.REPORT.sumFile(), Pictures.REPORT.sum(SampleJob.pictured()) + "\n");
    }
  }
}

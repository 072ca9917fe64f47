package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.live.LivePage;
import io.batchinfer.report.page.SampleJob;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The page of a run that lasts in a real browser: it moves by itself, ends the run when its reader
 * wants that, and asks nobody else. The steps are Node's, in {@code src/test/node/live}.
 */
class LivePageIT {
  private static final Duration TO_INSTALL = Duration.ofMinutes(5);
  private static final Duration TO_TEST = Duration.ofMinutes(3);

  @Test
  void aRunCanBeFollowedAndEndedInItsPage() throws IOException {
    Path reports = Files.createDirectories(Path.of("target/live-test").toAbsolutePath());
    NodeTests tests =
        NodeTests.installed(BuiltProduct.baseDirectory().resolve("src/test/node"), TO_INSTALL);
    AtomicInteger rows = new AtomicInteger();
    AtomicInteger cancels = new AtomicInteger();
    byte[] report = SampleJob.page().getBytes(StandardCharsets.UTF_8);
    LivePage.Run run =
        new LivePage.Run(
            () -> report,
            () ->
                "%d rows%s"
                    .formatted(rows.incrementAndGet(), cancels.get() == 0 ? "" : ", cancelled"),
            cancels::incrementAndGet);

    try (LivePage page = LivePage.start(0, run)) {
      Finished finished =
          ForkedProcess.command(tests.command("live", reports))
              .in(tests.folder())
              .with("LIVE_PAGE", page.address())
              .run(TO_TEST);

      List<String> tap = Files.readAllLines(reports.resolve("results.tap"));
      assertThat(NodeTests.failures(tap)).as("%s", reports.resolve("spec.txt")).isEmpty();
      assertThat(finished.exitCode()).as("%s", finished).isZero();
      assertThat(NodeTests.passes(tap)).isPositive();
    }
    assertThat(cancels).hasValue(1);
  }
}

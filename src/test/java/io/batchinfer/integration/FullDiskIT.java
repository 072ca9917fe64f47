package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
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

/** A disk that is full in the middle of a job: a small filesystem in memory, which needs root. */
class FullDiskIT {
  private static final int ROWS = 4_000;
  private static final int IN_FLIGHT = 16;
  private static final Duration LATENCY = Duration.ofMillis(50);

  /** In flight, and answered while a block of two flush intervals could not be written. */
  private static final int MOST_RESENT = IN_FLIGHT + IN_FLIGHT * 500 / 50;

  @TempDir Path directory;

  private static Finished system(String... words) {
    return ForkedProcess.command(words).run(Duration.ofSeconds(20));
  }

  private static Finished run(Path input, Path output, SimulatedEndpoint endpoint) {
    return ForkedProcess.command(
            List.of(
                BuiltProduct.baseDirectory().resolve("scripts/batchinfer").toString(),
                "run",
                "--input",
                input.toString(),
                "--output",
                output.toString(),
                "--base-url",
                endpoint.baseUrl().toString(),
                "--concurrency",
                Integer.toString(IN_FLIGHT),
                "--split-bytes",
                "128KiB",
                "--master",
                "local[2]"))
        .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
        .run(LONG_ENOUGH);
  }

  @Test
  void sendingStopsAtOnceAndGoesOnWhenThereIsRoom() throws IOException {
    Path disk = Files.createDirectory(directory.resolve("disk"));
    Finished mounted = system("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString());
    assumeTrue(mounted.exitCode() == 0, () -> "no filesystem can be mounted here: " + mounted);
    Path requestLog = directory.resolve("requests.log");
    try (SimulatedEndpoint endpoint =
        SimulatedEndpoint.start(
            SimulatorSettings.builder().timeToFirstToken(LATENCY).requestLog(requestLog).build())) {
      Path input = Requests.chat(directory.resolve("requests.jsonl"), ROWS, 5);

      Finished full = run(input, disk.resolve("out"), endpoint);
      long sent = endpoint.statistics().received();
      assertThat(full.exitCode()).as("%s", full).isEqualTo(ErrorCode.STORAGE_FAILED.exitCode());
      assertThat(full.stderr()).contains("give the same command again");
      assertThat(sent).isBetween(1L, ROWS - 1L);

      assertThat(system("mount", "-o", "remount,size=64m", disk.toString()).exitCode()).isZero();
      Finished again = run(input, disk.resolve("out"), endpoint);
      assertThat(again.exitCode()).as("%s", again).isZero();
      assertThat(Parts.ids(disk.resolve("out/results"))).isEqualTo(Requests.ids(ROWS));
      endpoint.flushRequestLog();
      assertThat(EndpointLog.read(requestLog).resent()).isLessThanOrEqualTo(MOST_RESENT);
    } finally {
      system("umount", "--lazy", disk.toString());
    }
  }
}

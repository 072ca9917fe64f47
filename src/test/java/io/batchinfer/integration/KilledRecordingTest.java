package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RowSketch;
import io.batchinfer.course.RunCourse;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.JobStatus;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.storage.FileStores;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is recorded of a job outlives {@code kill -9} of three of its runs: each is on the time
 * line, and every row is counted once in what is kept of rows.
 */
class KilledRecordingTest {
  private static final int ROWS = 2_000;
  private static final int KILLS = 3;
  private static final int BEFORE_A_KILL = 200;
  private static final Duration LATENCY = Duration.ofMillis(40);

  @TempDir Path directory;

  private static ForkedProcess start(Path input, Path output, SimulatedEndpoint endpoint) {
    return ForkedProcess.command(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-Dspark.master=none",
                "-cp",
                System.getProperty("java.class.path"),
                "io.batchinfer.cli.Main",
                "run",
                "--input",
                input.toString(),
                "--output",
                output.toString(),
                "--base-url",
                endpoint.baseUrl().toString(),
                "--concurrency",
                "32",
                "--split-bytes",
                "16KiB"))
        .start();
  }

  /** Kills a run that has sent some of its rows and published some of its splits. */
  private static void killOne(Path input, Path output, SimulatedEndpoint endpoint)
      throws IOException {
    long before = endpoint.statistics().received();
    long published = published(output);
    try (ForkedProcess process = start(input, output, endpoint)) {
      Eventually.await(
          "it sends",
          LONG_ENOUGH,
          () -> {
            boolean now =
                endpoint.statistics().received() - before >= BEFORE_A_KILL
                    && published(output) > published;
            assertThat(now || process.isAlive()).as(process.stderr()).isTrue();
            return now;
          },
          process::stderr);
      process.handle().destroyForcibly();
      assertThat(process.waitFor(LONG_ENOUGH).exitCode()).isEqualTo(128 + 9);
    }
  }

  private static long published(Path output) {
    Path commits = output.resolve("_journal/commits");
    if (!Files.exists(commits)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(commits)) {
      return files.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyRunIsThereAndEveryRowIsCountedOnce() throws IOException {
    Path input =
        Files.writeString(
            directory.resolve("in.jsonl"),
            IntStream.range(0, ROWS)
                .mapToObj(
                    row ->
                        "{\"custom_id\":\"r%d\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"text %d\"}]}}\n"
                            .formatted(row, row))
                .collect(Collectors.joining()));
    Path output = directory.resolve("out");
    try (SimulatedEndpoint endpoint =
        SimulatedEndpoint.start(
            SimulatorSettings.builder().timeToFirstToken(LATENCY).echo(true).build())) {
      for (int kill = 0; kill < KILLS; kill++) {
        killOne(input, output, endpoint);
      }
      try (ForkedProcess process = start(input, output, endpoint)) {
        Finished finished = process.waitFor(LONG_ENOUGH);
        assertThat(finished.exitCode()).as("%s", finished).isZero();
      }
    }

    JobCourse course =
        JobCourse.read(new JobFolder(new FileStores(Configuration::new), "file:" + output));
    assertTheTimeLineIsWhole(course.runs());
    assertEveryRowIsCountedOnce(course.rows());
    assertThat(course.sketchedSplits()).isEqualTo((int) published(output));
  }

  private static void assertTheTimeLineIsWhole(List<RunCourse> runs) {
    assertThat(runs).hasSize(KILLS + 1);
    assertThat(runs.subList(0, KILLS)).allMatch(run -> run.endedAt().isEmpty());
    RunCourse last = runs.get(KILLS);
    assertThat(last.ending().status()).isEqualTo(JobStatus.COMPLETED);
    assertThat(runs).extracting(RunCourse::startedAt).isSorted();
    assertThat(runs).allMatch(run -> run.rows() == ROWS);
    assertThat(runs).extracting(RunCourse::resumedRows).first().isEqualTo(0L);
    for (int next = 1; next < runs.size(); next++) {
      RunCourse before = runs.get(next - 1);
      RunCourse after = runs.get(next);
      assertThat(after.resumedRows()).isGreaterThan(before.resumedRows());
      assertThat(before.lastHeardAt()).isBefore(after.startedAt());
    }
    assertThat(runs)
        .flatExtracting(RunCourse::points)
        .extracting(point -> point.rows().settled())
        .isSorted()
        .last()
        .isEqualTo((long) ROWS);
  }

  private static void assertEveryRowIsCountedOnce(RowSketch rows) {
    assertThat(rows.rows()).isEqualTo(ROWS);
    assertThat(rows.attempts()).isEqualTo(List.of(0L, (long) ROWS));
    assertThat(rows.promptTokens().total()).isEqualTo(ROWS);
    assertThat(rows.completionTokens().total()).isEqualTo(ROWS);
    assertThat(rows.finishReasons()).isEqualTo(Map.of("other", (long) ROWS));
    long timed = rows.latencies().total();
    assertThat(timed).as("rows whose times are known").isBetween(ROWS / 2L, (long) ROWS);
    assertThat(rows.processes()).containsOnlyKeys("driver");
    assertThat(rows.processes().get("driver").count()).isEqualTo(timed);
  }
}

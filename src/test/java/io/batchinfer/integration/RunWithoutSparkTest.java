package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --master none}: the same files by the same rules, in threads of one process. */
class RunWithoutSparkTest extends SharedSpark {
  private static final String MASTER = "spark.master";

  @TempDir Path directory;
  private CountingServer server;

  @BeforeEach
  void start() throws IOException {
    server = new CountingServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static CommandLineRun withoutSpark(LocalRun job, String... more) {
    return withoutSpark(job, said -> {}, more);
  }

  private static CommandLineRun withoutSpark(
      LocalRun job, Consumer<String> whileItRuns, String... more) {
    String before = System.setProperty(MASTER, "none");
    try {
      return job.heard(whileItRuns, more);
    } finally {
      if (before == null) {
        System.clearProperty(MASTER);
      } else {
        System.setProperty(MASTER, before);
      }
    }
  }

  /** Rows of which some are equal and some fail, in many splits. */
  private LocalRun job() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    server.statuses = (text, n) -> text.endsWith("7") ? 400 : 200;
    return server.job(
        directory,
        IntStream.range(0, 2_000)
            .mapToObj(row -> "seed " + seed + " text " + random.nextInt(1_500))
            .toList(),
        "\"temperature\":0,");
  }

  private static Map<String, String> files(Path folder) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> found = Files.list(folder)) {
      for (Path file : found.toList()) {
        files.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return files;
  }

  @Test
  void whatItWritesIsWhatSparkWrites() throws IOException {
    LocalRun first = job();
    LocalRun second = new LocalRun(first.input(), directory.resolve("other"), first.baseUrl());

    CommandLineRun spark = first.with("--split-bytes", "16k", "--max-failure-rate", "1");
    CommandLineRun alone = withoutSpark(second, "--split-bytes", "16k", "--max-failure-rate", "1");

    assertThat(spark.exitCode()).as(spark.err()).isZero();
    assertThat(alone.exitCode()).as(alone.err()).isZero();
    assertThat(files(second.results())).isEqualTo(files(first.results())).hasSizeGreaterThan(5);
    assertThat(files(second.errors())).isEqualTo(files(first.errors()));
    assertThat(second.record().path("deduplicated_requests"))
        .isEqualTo(first.record().path("deduplicated_requests"));
    assertThat(alone.err().lines().filter(line -> line.contains("Next time:")))
        .containsExactlyElementsOf(
            spark.err().lines().filter(line -> line.contains("Next time:")).toList())
        .singleElement()
        .asString()
        .contains("(one_error)");
  }

  @Test
  void whatOneBeganTheOtherGoesOnWith() throws IOException {
    LocalRun job = job();

    CommandLineRun begun =
        withoutSpark(
            job, "--split-bytes", "16k", "--max-total-tokens", "3600", "--concurrency", "8");
    CommandLineRun more =
        job.with("--split-bytes", "16k", "--max-total-tokens", "8400", "--concurrency", "8");
    CommandLineRun ended =
        withoutSpark(job, "--split-bytes", "16k", "--concurrency", "8", "--max-failure-rate", "1");

    assertThat(begun.exitCode()).as(begun.err()).isEqualTo(6);
    assertThat(more.exitCode()).as(more.err()).isEqualTo(6);
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    assertThat(server.asked().values()).containsOnly(1);
    assertThat(job.record().path("total_requests").asInt()).isEqualTo(2_000);
  }

  @Test
  void failedRowsRunAgainThere() throws IOException {
    LocalRun job = job();
    CommandLineRun first = withoutSpark(job, "--max-failure-rate", "1");
    server.statuses = (text, n) -> 200;

    CommandLineRun again = withoutSpark(job, "--max-failure-rate", "1", "--retry-failed");

    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(again.exitCode()).as(again.err()).isZero();
  }

  @Test
  void anEarlierOutputIsReused() throws IOException {
    LocalRun first = job();
    CommandLineRun paid = withoutSpark(first, "--max-failure-rate", "1");
    server.forget();
    LocalRun second = new LocalRun(first.input(), directory.resolve("other"), first.baseUrl());

    CommandLineRun reused =
        withoutSpark(second, "--max-failure-rate", "1", "--reuse", first.output().toString());

    assertThat(paid.exitCode()).as(paid.err()).isZero();
    assertThat(reused.exitCode()).as(reused.err()).isZero();
    assertThat(server.asked().keySet()).allMatch(text -> text.endsWith("7"));
  }

  @Test
  void aTableNeedsSpark() throws IOException {
    LocalRun job = job();

    CommandLineRun run = withoutSpark(job, "--input-format", "parquet", "--prompt", "{text}");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("A table is read by Spark", "--master none");
  }
}

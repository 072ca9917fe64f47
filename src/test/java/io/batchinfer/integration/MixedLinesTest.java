package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.integration.MixedLines.Row;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.SharedSpark;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Good and bad lines of every kind, mixed by a seed, in plain and compressed files. The system
 * properties {@code batchinfer.mixed.rows} and {@code batchinfer.mixed.seed} make other runs.
 */
class MixedLinesTest extends SharedSpark {
  private static final int LINES = Integer.getInteger("batchinfer.mixed.rows", 20_000);
  private static final long SEED = Long.getLong("batchinfer.mixed.seed", 20_240_817L);
  private static final List<String> FILES =
      List.of("a.jsonl", "b.jsonl.gz", "c.jsonl.zst", "d.jsonl.bz2", "e.jsonl");

  @TempDir static Path directory;
  private static SimulatedEndpoint endpoint;
  private static final List<Row> ROWS = new ArrayList<>();

  @BeforeAll
  static void write() throws IOException {
    System.out.println("MixedLinesTest: seed " + SEED + ", " + LINES + " lines");
    endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
    Path input = Files.createDirectory(directory.resolve("input"));
    MixedLines lines = new MixedLines(SEED);
    for (int file = 0; file < FILES.size(); file++) {
      try (OutputStream out = create(input.resolve(FILES.get(file)))) {
        ROWS.addAll(lines.write(file, LINES / FILES.size(), out));
      }
    }
  }

  @AfterAll
  static void stop() {
    endpoint.close();
  }

  private static OutputStream create(Path file) throws IOException {
    OutputStream raw = Files.newOutputStream(file);
    String name = file.toString();
    if (name.endsWith(".gz")) {
      return new GZIPOutputStream(raw, 1 << 16);
    }
    if (name.endsWith(".zst")) {
      return new BufferedOutputStream(new ZstdOutputStreamNoFinalizer(raw), 1 << 16);
    }
    if (name.endsWith(".bz2")) {
      BZip2Codec codec = new BZip2Codec();
      Configuration configuration = new Configuration(false);
      configuration.set("io.compression.codec.bzip2.library", "java-builtin");
      codec.setConf(configuration);
      return codec.createOutputStream(raw);
    }
    return new BufferedOutputStream(raw, 1 << 16);
  }

  private static CommandLineRun run(LocalRun job, String onInvalid) {
    return job.with(
        "--model",
        "m",
        "--on-invalid",
        onInvalid,
        "--max-failure-rate",
        "0.9",
        "--split-bytes",
        LINES > 100_000 ? "2MiB" : "200kB");
  }

  private static LocalRun job(String output) {
    return LocalRun.of(directory.resolve("input"), directory.resolve(output), endpoint);
  }

  private static boolean isSent(Row row) {
    return row.end().equals(MixedLines.OK) || row.end().equals(MixedLines.REFUSED);
  }

  private static String described(Row row) {
    return "%s:%d %s %s".formatted(FILES.get(row.file()), row.line(), row.customId(), row.end());
  }

  private static String describedError(JsonNode row) {
    String file = row.path("input").path("file").asText();
    JsonNode response = row.path("response");
    return "%s:%d %s %s"
        .formatted(
            file.substring(file.lastIndexOf('/') + 1),
            row.path("input").path("line").asLong(),
            row.path("custom_id").textValue(),
            response.isNull()
                ? row.path("error").path("code").asText()
                : "http_" + response.path("status_code").asInt());
  }

  @Test
  void everyRowEndsAsTheGeneratorKnowsAndInInputOrder() {
    endpoint.reset();
    LocalRun job = job("recorded");

    CommandLineRun run = run(job, "record");

    assertThat(run.exitCode()).as(run.err()).isZero();
    System.out.println("MixedLinesTest: " + run.err());
    Iterator<Row> failed = ROWS.stream().filter(row -> !row.end().equals(MixedLines.OK)).iterator();
    AtomicLong errors = new AtomicLong();
    LocalRun.forEachRow(
        job.errors(),
        row -> {
          errors.incrementAndGet();
          assertThat(describedError(row)).isEqualTo(described(failed.next()));
        });
    assertThat(failed.hasNext()).as("rows are missing from errors/").isFalse();
    Iterator<Row> good = ROWS.stream().filter(row -> row.end().equals(MixedLines.OK)).iterator();
    AtomicLong results = new AtomicLong();
    LocalRun.forEachRow(
        job.results(),
        row -> {
          results.incrementAndGet();
          Row expected = good.next();
          assertThat(row.path("custom_id").textValue())
              .as(described(expected))
              .isEqualTo(expected.customId());
          assertThat(row.path("response").path("status_code").asInt()).isEqualTo(200);
        });
    assertThat(good.hasNext()).as("rows are missing from results/").isFalse();

    Map<String, Long> byEnd = new TreeMap<>();
    ROWS.stream()
        .map(row -> row.end().equals(MixedLines.REFUSED) ? MixedLines.REFUSAL : row.end())
        .filter(end -> !end.equals(MixedLines.OK))
        .forEach(end -> byEnd.merge(end, 1L, Long::sum));
    JsonNode record = job.record();
    assertThat(record.path("total_requests").asLong()).isEqualTo(ROWS.size());
    assertThat(record.path("succeeded_requests").asLong()).isEqualTo(results.get());
    assertThat(record.path("failed_requests").asLong()).isEqualTo(errors.get());
    Map<String, Long> told = new TreeMap<>();
    record
        .path("errors")
        .properties()
        .forEach(error -> told.put(error.getKey(), error.getValue().asLong()));
    assertThat(told).isEqualTo(byEnd);
    assertThat(endpoint.statistics().received())
        .isEqualTo(ROWS.stream().filter(MixedLinesTest::isSent).count());
    assertThat(endpoint.statistics().repeatsAfterSuccess()).isZero();
  }

  @Test
  void withoutLeaveToRecordNothingIsSent() {
    endpoint.reset();
    LocalRun job = job("refused");
    List<Row> invalid = ROWS.stream().filter(row -> !isSent(row)).toList();

    CommandLineRun run = run(job, "fail");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ErrorCode.INVALID_INPUT.exitCode());
    assertThat(run.err()).contains("The input has %,d invalid lines".formatted(invalid.size()));
    assertThat(endpoint.statistics().received()).isZero();
    assertThat(job.output().resolve("_SUCCESS")).doesNotExist();
  }
}

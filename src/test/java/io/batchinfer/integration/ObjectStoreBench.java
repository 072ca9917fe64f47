package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.simulator.SimulatorStatistics;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.S3Front;
import io.batchinfer.testing.S3Front.Call;
import io.batchinfer.testing.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a job on a store of objects costs in calls, and in time against this machine's disk. {@code
 * scripts/bench/store} runs it.
 */
class ObjectStoreBench {
  private static final int ROWS = Integer.getInteger("bench.rows", 10_000);
  private static final Duration DELAY =
      Duration.ofMillis(Integer.getInteger("bench.delay.millis", 0));
  private static final Duration ANSWER =
      Duration.ofMillis(Integer.getInteger("bench.answer.millis", 20));
  private static final String CONCURRENCY = System.getProperty("bench.concurrency", "64");
  private static final boolean BOTH = Boolean.getBoolean("bench.disk");
  private static final Duration LONG_ENOUGH = Duration.ofMinutes(40);
  private static final String BUCKET = "lake";

  @TempDir Path directory;

  @Test
  void aJobOnAStoreOfObjectsAndOnADisk() throws IOException {
    Path objects = Files.createDirectories(directory.resolve("objects"));
    try (S3Server server = S3Server.onDisk(directory.resolve("s3"), objects);
        S3Front front = S3Front.before(server)) {
      server.makeBucket(BUCKET);
      Path input = Requests.chat(directory.resolve("requests.jsonl"), ROWS, 5);
      server.put(BUCKET + "/in/requests.jsonl", Files.readAllBytes(input));
      tell("%d rows, %d MB", ROWS, Files.size(input) >> 20);
      if (BOTH) {
        run("disk", input.toString(), directory.resolve("out").toString(), List.of());
      }
      front.setDelay(DELAY);
      String bucket = "s3a://" + BUCKET;
      run("store", bucket + "/in/requests.jsonl", bucket + "/out", front.settings());
      tell(front.takeCalls());
    }
  }

  private static void run(String name, String input, String output, List<String> settings) {
    SimulatorSettings answers = SimulatorSettings.builder().timeToFirstToken(ANSWER).build();
    try (SimulatedEndpoint endpoint = SimulatedEndpoint.start(answers)) {
      List<String> words = new ArrayList<>();
      words.add(BuiltProduct.baseDirectory().resolve("scripts/batchinfer").toString());
      words.addAll(List.of("run", "--input", input, "--output", output));
      words.addAll(List.of("--base-url", endpoint.baseUrl().toString()));
      words.addAll(List.of("--concurrency", CONCURRENCY));
      words.addAll(List.of("--master", "local[2]", "--driver-memory", "1g"));
      words.addAll(settings);
      long began = System.nanoTime();
      Finished finished =
          ForkedProcess.command(words)
              .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
              .with("XDG_CACHE_HOME", BuiltProduct.cache().toString())
              .run(LONG_ENOUGH);
      double wall = seconds(System.nanoTime() - began);
      assertThat(finished.exitCode()).as("%s", finished).isZero();
      SimulatorStatistics seen = endpoint.statistics();
      assertThat(seen.received()).isEqualTo(ROWS);
      double sending = seconds(seen.lastAnswerNanos() - seen.firstRequestNanos());
      tell(
          "%s: %.0f rows/s while sending (%.1f s), %.1f s in all",
          name, ROWS / sending, sending, wall);
    }
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }

  private static void tell(List<Call> calls) {
    long ofTime =
        calls.stream().filter(call -> call.key().matches(".*/(owner|cancel)(/.*)?")).count();
    tell(
        "%d calls (%.1f per 1,000 rows), %d of them (%.1f) signs of life and looks for them; longest listing %d",
        calls.size(),
        calls.size() * 1_000.0 / ROWS,
        ofTime,
        ofTime * 1_000.0 / ROWS,
        calls.stream().mapToInt(Call::listed).max().orElse(0));
    tell("%s", S3Front.byKind(calls));
    S3Front.byFolder(calls).stream().limit(20).forEach(line -> tell("%s", line));
  }

  @SuppressWarnings("SystemOut") // figures for people
  private static void tell(String words, Object... values) {
    System.out.println("bench: " + String.format(Locale.ROOT, words, values));
  }
}

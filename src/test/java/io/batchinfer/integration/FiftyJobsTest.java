package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What fifty jobs in one Spark context leave behind: nothing. */
class FiftyJobsTest extends SharedSpark {
  private static final int JOBS = 50;
  private static final int WARM_UP = 3;

  @TempDir Path directory;

  @Test
  void threadsAndConnectionsReturnToWhereTheyBegan() throws IOException {
    Path input = Requests.chat(directory.resolve("in.jsonl"), 40, 1);
    try (SimulatedEndpoint endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults())) {
      for (int i = 0; i < WARM_UP; i++) {
        run(input, "warm-up-" + i, endpoint);
      }
      Map<String, Integer> threadsBefore = threads();
      long connectionsBefore = connectionsTo(endpoint.port());

      for (int i = 0; i < JOBS; i++) {
        run(input, "job-" + i, endpoint);
      }

      Eventually.await(
          "the threads of before, and no more: " + threadsBefore,
          LONG_ENOUGH,
          () -> exceedsNowhere(threads(), threadsBefore),
          () -> threads().toString());
      Eventually.await(
          "the connections of before, and no more: " + connectionsBefore,
          LONG_ENOUGH,
          () -> connectionsTo(endpoint.port()) <= connectionsBefore,
          () -> connectionsTo(endpoint.port()) + " connections");
      System.out.printf(
          "%d jobs: threads %s before, %s after; connections %d before, %d after%n",
          JOBS, threadsBefore, threads(), connectionsBefore, connectionsTo(endpoint.port()));
    }
  }

  private void run(Path input, String name, SimulatedEndpoint endpoint) {
    LocalRun job = LocalRun.of(input, directory.resolve(name), endpoint);
    assertThat(job.with().exitCode()).isZero();
  }

  /** Threads by kind; Spark's pools grow and shrink by themselves and are left out. */
  private static Map<String, Integer> threads() {
    Map<String, Integer> kinds = new TreeMap<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      String kind = thread.getName().replaceAll("[-#]?\\d+", "").strip();
      if (kind.startsWith("batchinfer") || kind.contains("vert") || kind.contains("eventloop")) {
        kinds.merge(kind, 1, Integer::sum);
      }
    }
    return kinds;
  }

  private static boolean exceedsNowhere(Map<String, Integer> now, Map<String, Integer> before) {
    return now.entrySet().stream()
        .allMatch(entry -> entry.getValue() <= before.getOrDefault(entry.getKey(), 0));
  }

  /** Established connections to a port of this machine, as the kernel lists them. */
  private static long connectionsTo(int port) {
    String peer = ":%04X".formatted(port);
    return Stream.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))
        .filter(Files::isReadable)
        .flatMap(FiftyJobsTest::lines)
        .map(line -> line.strip().split("\\s+"))
        .filter(column -> column.length > 3 && column[2].endsWith(peer) && column[3].equals("01"))
        .count();
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.SparkCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A job on a cluster whose executors start simulated endpoints as engines. */
final class EngineJob {
  static final Duration LONG_ENOUGH = Duration.ofMinutes(8);

  /** What is promised: nothing of an engine is left so long after. */
  static final Duration TO_BE_GONE = Duration.ofSeconds(30);

  private static final String SECRET = "hf_integration-5e1f0c9a7b3d";

  private final SparkCluster cluster;
  private final Path directory;
  private final int rows;

  EngineJob(SparkCluster cluster, Path directory, int rows) {
    this.cluster = cluster;
    this.directory = directory;
    this.rows = rows;
  }

  /**
   * The job jar's simulated endpoint, which says who it is, and the secret that it got, before it
   * begins.
   *
   * @param before what a shell does first
   */
  String simulatorAfter(String before, String... more) {
    return simulator(pids(), before, more);
  }

  /** As above, with its process id in a file of one's own. */
  static String simulator(Path pids, String before, String... more) {
    List<String> java =
        List.of(
            BuiltProduct.java().toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "-cp",
            "\"" + BuiltProduct.jobJar() + ":" + BuiltProduct.sparkHome().resolve("jars") + "/*\"",
            "io.batchinfer.cli.Main",
            "simulate",
            "--port",
            "{port}",
            "--ttft",
            "40ms",
            "--per-token",
            "1ms",
            "--slots",
            "16");
    return "sh -c 'echo $$ >>%s; echo token $ENGINE_TOKEN; %s exec %s %s'"
        .formatted(pids, before, String.join(" ", java), String.join(" ", more));
  }

  String simulator(String... more) {
    return simulatorAfter("", more);
  }

  /** One that starts and answers nothing, ever. */
  String neverReady() {
    return "sh -c 'echo $$ >>%s; echo token $ENGINE_TOKEN; exec sleep 600' {port}"
        .formatted(pids());
  }

  private Path pids() {
    return directory.resolve("pids");
  }

  Path output() {
    return directory.resolve("out");
  }

  ForkedProcess start(String engine, String... more) throws IOException {
    Path input = directory.resolve("requests.jsonl");
    if (!Files.exists(input)) {
      Requests.chat(input, rows, 11);
    }
    List<String> words = new ArrayList<>(List.of("run", "--input", input.toString()));
    words.addAll(List.of("--output", output().toString()));
    words.addAll(List.of("--split-bytes", rows > 10_000 ? "128KiB" : "16KiB"));
    words.addAll(List.of("--engine", engine, "--engine-env", "ENGINE_TOKEN"));
    words.addAll(List.of(more));
    return cluster.startWithVariables(Map.of("ENGINE_TOKEN", SECRET), words);
  }

  /** Those that live, the oldest first. */
  List<ProcessHandle> engines() {
    return living(pids());
  }

  /** Those of a file that live, the oldest first. */
  static List<ProcessHandle> living(Path pids) {
    if (!Files.exists(pids)) {
      return List.of();
    }
    try (Stream<String> lines = Files.lines(pids)) {
      return lines
          .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid.strip())).stream())
          .filter(ProcessHandle::isAlive)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void assertNoneIsLeft(String when) {
    awaitGone(when, List.of());
  }

  /** None of these is left, or none at all where these are none. */
  void awaitGone(String when, List<ProcessHandle> these) {
    long began = System.nanoTime();
    Eventually.await(
        "no engine is left " + when,
        TO_BE_GONE,
        () ->
            these.isEmpty()
                ? engines().isEmpty()
                : these.stream().noneMatch(ProcessHandle::isAlive),
        () -> "" + engines());
    System.out.printf(
        "%s: no engine is left after %.1f s%n", when, (System.nanoTime() - began) / 1e9);
  }

  /** So many engines have been ready, and something is durable. */
  void awaitSending(ForkedProcess driver, int ready) {
    Eventually.await(
        ready + " engines serve",
        LONG_ENOUGH,
        () -> !driver.isAlive() || driver.stderr().split(" is ready after ", -1).length > ready,
        driver::stderr);
    Eventually.await(
        "rows are answered",
        LONG_ENOUGH,
        () -> !driver.isAlive() || written() > 20_000,
        driver::stderr);
  }

  /** Bytes of all that is durable of answers. */
  long written() {
    long bytes = 0;
    for (String folder : List.of("_journal/segments", "results")) {
      bytes += bytesIn(output().resolve(folder));
    }
    return bytes;
  }

  private static long bytesIn(Path folder) {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | UncheckedIOException goneMeanwhile) {
      return 0;
    }
  }

  void assertAllAnswered(Finished finished) throws IOException {
    assertThat(finished.exitCode()).as("%s", finished).isZero();
    assertThat(Parts.ids(output().resolve("results"))).isEqualTo(Requests.ids(rows));
    JsonNode record = record();
    assertThat(record.path("failed_requests").asInt()).isZero();
    assertThat(record.path("may_have_run").asInt()).isZero();
    System.out.printf("%s%nengines: %s%n", finished.stderr(), record.path("engines"));
  }

  /** What engines have printed, as far as it is kept. */
  String logs() {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(output().resolve("_engine"))) {
      for (Path file : files.sorted().toList()) {
        all.append(file.getFileName()).append('\n').append(Files.readString(file));
      }
    } catch (IOException none) {
      all.append(none);
    }
    return all.toString();
  }

  JsonNode record() throws IOException {
    return LocalRun.JSON.readTree(Files.readAllBytes(output().resolve("job.json")));
  }

  int restarts() throws IOException {
    int restarts = 0;
    for (JsonNode engine : record().path("engines")) {
      restarts += engine.path("restarts").asInt();
    }
    return restarts;
  }

  /** Every engine has printed the secret, and it is nowhere to be seen. */
  void assertSecretIsKept(Finished finished) throws IOException {
    assertThat(finished.stderr() + finished.stdout()).doesNotContain(SECRET);
    boolean printed = false;
    try (Stream<Path> files = Files.walk(output())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        assertThat(text).as("%s", file).doesNotContain(SECRET);
        printed |= file.getParent().endsWith("_engine") && text.contains("token ***");
      }
    }
    assertThat(printed).as("an engine's log has the secret's place").isTrue();
  }
}

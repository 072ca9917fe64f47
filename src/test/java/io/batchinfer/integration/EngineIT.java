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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Engines on a standalone cluster of two executors: what becomes of rows, and of the engines'
 * processes, when an executor or the driver is killed, when none comes up and on a cancel. {@code
 * -Dbatchinfer.engineRows=50000} makes it larger.
 */
class EngineIT {
  private static final int ROWS = Integer.getInteger("batchinfer.engineRows", 1_200);
  private static final Duration LONG_ENOUGH = Duration.ofMinutes(4);

  /** What is promised: nothing of an engine is left so long after. */
  private static final Duration TO_BE_GONE = Duration.ofSeconds(30);

  private static final String SECRET = "hf_integration-5e1f0c9a7b3d";

  private static SparkCluster cluster;
  @TempDir Path directory;

  @BeforeAll
  static void startCluster() {
    cluster = SparkCluster.start(2);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  /** Whatever a test has come to, the next one begins with the processors of its own. */
  @AfterEach
  void nothingIsLeft() {
    assertNoneIsLeft("after the test");
  }

  /** The job jar's simulated endpoint, which says who it is before it begins. */
  private String simulator(String... more) {
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
    return "sh -c 'echo $$ >>%s; echo token $ENGINE_TOKEN; exec %s %s'"
        .formatted(pids(), String.join(" ", java), String.join(" ", more));
  }

  private Path pids() {
    return directory.resolve("pids");
  }

  private Path output() {
    return directory.resolve("out");
  }

  private List<String> command(String engine, String... more) throws IOException {
    Path input = directory.resolve("requests.jsonl");
    if (!Files.exists(input)) {
      Requests.chat(input, ROWS, 11);
    }
    List<String> words = new ArrayList<>(List.of("run", "--input", input.toString()));
    words.addAll(List.of("--output", output().toString(), "--split-bytes", "16KiB"));
    words.addAll(List.of("--engine", engine, "--engine-env", "ENGINE_TOKEN"));
    words.addAll(List.of(more));
    return words;
  }

  private ForkedProcess start(String engine, String... more) throws IOException {
    return cluster.startWithVariables(Map.of("ENGINE_TOKEN", SECRET), command(engine, more));
  }

  private List<ProcessHandle> engines() {
    if (!Files.exists(pids())) {
      return List.of();
    }
    try (Stream<String> lines = Files.lines(pids())) {
      return lines
          .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid.strip())).stream())
          .filter(ProcessHandle::isAlive)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertNoneIsLeft(String when) {
    long began = System.nanoTime();
    Eventually.await(
        "no engine is left " + when, TO_BE_GONE, () -> engines().isEmpty(), () -> "" + engines());
    System.out.printf(
        "%s: no engine is left after %.1f s%n", when, (System.nanoTime() - began) / 1e9);
  }

  /** Rows that are durable somewhere: what matters is that sending is well under way. */
  private void awaitSending(ForkedProcess driver) {
    Eventually.await(
        "two engines serve",
        LONG_ENOUGH,
        () -> !driver.isAlive() || driver.stderr().split(" is ready after ", -1).length > 2,
        driver::stderr);
    Eventually.await(
        "rows are answered", LONG_ENOUGH, () -> !driver.isAlive() || hasSegments(), driver::stderr);
  }

  private boolean hasSegments() {
    Path segments = output().resolve("_journal/segments");
    if (!Files.isDirectory(segments)) {
      return false;
    }
    try (Stream<Path> files = Files.list(segments)) {
      return files.anyMatch(file -> file.toFile().length() > 20_000);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertAllAnswered(Finished finished) throws IOException {
    assertThat(finished.exitCode()).as("%s", finished).isZero();
    assertThat(Parts.ids(output().resolve("results"))).isEqualTo(Requests.ids(ROWS));
    JsonNode record = LocalRun.JSON.readTree(Files.readAllBytes(output().resolve("job.json")));
    assertThat(record.path("failed_requests").asInt()).isZero();
    assertThat(record.path("may_have_run").asInt()).isZero();
    System.out.printf("engines: %s%n", record.path("engines"));
  }

  @Test
  void anExecutorThatIsKilledTakesItsEngineAlongAndTheDriverBoth() throws IOException {
    try (ForkedProcess driver = start(simulator())) {
      awaitSending(driver);
      List<ProcessHandle> before = engines();
      cluster.executors().get(0).destroyForcibly();
      Eventually.await(
          "the engine of the killed executor is gone",
          TO_BE_GONE,
          () -> before.stream().anyMatch(engine -> !engine.isAlive()),
          driver::stderr);
      driver.handle().destroyForcibly();
      assertNoneIsLeft("once an executor and the driver were killed");
    }
    try (ForkedProcess again = start(simulator())) {
      assertAllAnswered(again.waitFor(LONG_ENOUGH));
    }
    assertNoneIsLeft("once the job has ended");
  }

  @Test
  void anEngineThatIsNeverReadyEndsTheJobAndACancelEndsOneThatStarts() throws IOException {
    try (ForkedProcess driver =
        start(simulator("--fault", "http_500=1"), "--engine-ready-timeout", "12s")) {
      Finished finished = driver.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isOne();
      assertThat(finished.stderr()).contains("No engine came up", "it was not ready within");
    }
    assertNoneIsLeft("once the job has failed");
    try (ForkedProcess driver = start(simulator("--fault", "http_500=1"))) {
      Eventually.await(
          "engines are starting",
          LONG_ENOUGH,
          () -> !driver.isAlive() || engines().size() == 2,
          driver::stderr);
      Files.createFile(output().resolve("_journal/cancel"));
      Finished finished = driver.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isEqualTo(4);
    }
    assertNoneIsLeft("once the job was cancelled");
  }
}

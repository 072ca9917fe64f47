package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.integration.EndpointLog.Call;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.S3Faults;
import io.batchinfer.testing.S3Front;
import io.batchinfer.testing.S3Server;
import io.batchinfer.testing.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Whole jobs on a server of the S3 protocol, through Hadoop's s3a. */
class ObjectStoreIT {
  private static final int ROWS = 400;

  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(5);

  private static final String BUCKET = "lake";

  @TempDir static Path directory;
  private static S3Server server;
  private static S3Front front;
  private static Path input;

  private SimulatedEndpoint endpoint;
  private Path log;
  private String output;

  @BeforeAll
  static void startStore() throws IOException {
    server = S3Server.start(directory.resolve("s3"));
    server.makeBucket(BUCKET);
    front = S3Front.before(server);
    input = Requests.chat(directory.resolve("requests.jsonl"), ROWS, 5);
    server.put(BUCKET + "/in/requests.jsonl", Files.readAllBytes(input));
  }

  @AfterAll
  static void stopStore() {
    front.close();
    server.close();
  }

  @BeforeEach
  void startEndpoint(TestInfo test) {
    String name = test.getTestMethod().orElseThrow().getName();
    log = directory.resolve(name + ".log");
    output = "s3a://" + BUCKET + "/" + name;
    endpoint =
        SimulatedEndpoint.start(
            SimulatorSettings.defaults().toBuilder()
                .timeToFirstToken(SHORT)
                .requestLog(log)
                .build());
  }

  @AfterEach
  void stopEndpoint() {
    front.setFaults(S3Faults.none());
    endpoint.close();
  }

  private List<String> run(String... more) {
    List<String> words = new ArrayList<>(List.of("run", "--input", input.toString()));
    words.addAll(List.of("--output", output, "--base-url", endpoint.baseUrl().toString()));
    words.addAll(List.of("--split-bytes", "32KiB", "--concurrency", "8"));
    words.addAll(List.of(more));
    return words;
  }

  private static ForkedProcess start(List<String> arguments) {
    List<String> words = new ArrayList<>();
    words.add(BuiltProduct.baseDirectory().resolve("scripts/batchinfer").toString());
    words.addAll(arguments);
    words.addAll(front.settings());
    if (arguments.get(0).equals("run")) {
      words.addAll(List.of("--master", "local[2]", "--driver-memory", "700m"));
    }
    return ForkedProcess.command(words)
        .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
        .with("XDG_CACHE_HOME", BuiltProduct.cache().toString())
        .start();
  }

  private static Finished call(List<String> arguments) {
    try (ForkedProcess process = start(arguments)) {
      return process.waitFor(LONG_ENOUGH);
    }
  }

  private static void assertExit(int code, Finished finished) {
    assertThat(finished.exitCode()).as("%s", finished).isEqualTo(code);
  }

  /** From now on; long enough, and a job goes on while other commands come and go. */
  private void answerAfter(Duration time) {
    endpoint.change(settings -> settings.timeToFirstToken(time));
  }

  private ObjectStoreOutput stored() {
    return new ObjectStoreOutput(server, output.substring("s3a://".length()));
  }

  private void assertWhole() {
    stored().assertWhole(ROWS);
  }

  private EndpointLog requests() {
    endpoint.flushRequestLog();
    return EndpointLog.read(log);
  }

  private Set<String> journalled(ForkedProcess driver) {
    return stored().awaitKept(driver);
  }

  /** What was kept is not paid for again; the rest is, once. */
  private void assertNotPaidAgain(Set<String> kept) {
    Map<String, List<Call>> rows = requests().byRow();
    List<String> again = rows.keySet().stream().filter(id -> rows.get(id).size() > 1).toList();
    System.out.printf(
        "%d rows: %d in the journal, %d sent again%n", ROWS, kept.size(), again.size());
    assertThat(kept).isNotEmpty();
    assertThat(again).doesNotContainAnyElementsOf(kept);
    assertThat(rows.values()).allSatisfy(calls -> assertThat(calls).hasSizeLessThanOrEqualTo(2));
  }

  @Test
  void aJobFromObjectsToObjects() {
    List<String> words = run();
    words.set(2, "s3a://" + BUCKET + "/in/*.jsonl");
    front.takeCalls();
    assertExit(0, call(words));
    List<S3Front.Call> calls = front.takeCalls();
    assertWhole();
    assertFewCalls(calls);

    assertThat(ObjectStoreOutput.ids(call(List.of("results", output)).stdout()))
        .isEqualTo(Requests.ids(ROWS));
    Finished status = call(List.of("status", "s3" + output.substring("s3a".length()), "--json"));
    assertExit(0, status);
    assertThat(status.stdout()).contains("\"status\":\"completed\"", "\"output\":\"" + output);
    assertExit(0, call(List.of("verify", output)));
    assertExit(0, call(words));
    assertThat(requests().calls()).hasSize(ROWS);
  }

  /** So many at most for a job, a split and a file of the journal, and a few every second. */
  private void assertFewCalls(List<S3Front.Call> calls) {
    System.out.println(ROWS + " rows: " + calls.size() + " calls " + S3Front.byKind(calls));
    S3Front.byFolder(calls).stream().limit(12).forEach(System.out::println);
    long ofTime =
        calls.stream().filter(call -> call.key().matches(".*/(owner|cancel)(/.*)?")).count();
    long segments = written(calls, "/_journal/segments/");
    long splits = written(calls, "/_journal/commits/");
    System.out.printf(
        "%d of them show and look for signs of life; %d splits, %d files of the journal%n",
        ofTime, splits, segments);
    assertThat(splits).isPositive();
    assertThat(calls.size() - ofTime).isLessThanOrEqualTo(150 + 40 * splits + 8 * segments);
  }

  private static long written(List<S3Front.Call> calls, String folder) {
    return calls.stream()
        .filter(call -> call.kind().equals("PUT") && call.key().contains(folder))
        .count();
  }

  @Test
  void aKilledDriverIsFollowedByTheSameCommand() {
    Set<String> kept;
    try (ForkedProcess driver = start(run())) {
      kept = journalled(driver);
      assertThat(driver.handle().destroyForcibly()).isTrue();
    }
    assertExit(0, call(run()));
    assertWhole();
    assertNotPaidAgain(kept);
  }

  @Test
  void oneDriverAtATimeOwnsAnOutput() {
    try (ForkedProcess first = start(run())) {
      Set<String> kept = journalled(first);
      answerAfter(LONG);
      Finished second = call(run());
      assertExit(7, second);
      assertThat(second.stderr()).contains("is owned by another live run");

      Signals.stop(first.handle());
      answerAfter(SHORT);
      assertExit(0, call(run("--take-over")));
      Signals.resume(first.handle());
      assertThat(first.waitFor(LONG_ENOUGH).exitCode()).isNotZero();
      assertWhole();
      assertNotPaidAgain(kept);
    }
  }

  @Test
  void aCancelledJobGoesOnWhenItIsTold() {
    try (ForkedProcess driver = start(run())) {
      Set<String> unused = journalled(driver);
      answerAfter(LONG);
      assertExit(0, call(List.of("cancel", output)));
      assertExit(4, driver.waitFor(LONG_ENOUGH));
    }
    answerAfter(SHORT);
    assertExit(0, call(run("--resume")));
    assertWhole();
    assertThat(requests().resent()).isZero();
  }

  @Test
  void aStoreThatFailsNowAndThenIsAskedAgain() {
    long seed = Long.getLong("batchinfer.seed", System.nanoTime());
    System.out.println("seed " + seed);
    front.setFaults(S3Faults.of(seed, 0.05));
    assertExit(0, call(run()));
    front.setFaults(S3Faults.none());
    assertWhole();
    assertExit(0, call(List.of("verify", output)));
    assertThat(requests().resent()).isZero();
  }
}

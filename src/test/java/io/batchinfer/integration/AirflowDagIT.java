package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.SparkCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Airflow DAG as it is shipped: the file is executed with a stand-in for Airflow, and the
 * command that its task makes runs on a standalone cluster.
 */
class AirflowDagIT {
  private static final int ROWS = 1_500;
  private static final int IN_FLIGHT = 16;
  private static final Duration LATENCY = Duration.ofMillis(100);
  private static final int TRY_AGAIN = 10;
  private static final int FAILED_FOR_GOOD = 11;
  private static final int SKIPPED = 12;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** In flight, and answered within two flush intervals of a quarter of a second. */
  private static final int MOST_RESENT = IN_FLIGHT + IN_FLIGHT * 5;

  private static SparkCluster cluster;

  @TempDir Path directory;
  private SimulatedEndpoint endpoint;
  private Path input;

  @BeforeAll
  static void startCluster() {
    cluster = SparkCluster.start(2);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @BeforeEach
  void prepare() throws IOException {
    input = Requests.chat(directory.resolve("requests.jsonl"), ROWS, 5);
    endpoint =
        SimulatedEndpoint.start(
            SimulatorSettings.builder()
                .timeToFirstToken(LATENCY)
                .requestLog(directory.resolve("requests.log"))
                .build());
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  /** The shipped file with what a user changes in it. */
  private Path dag(String... moreOptions) throws IOException {
    return shipped("batchinfer_dag.py", moreOptions);
  }

  private Path shipped(String file, String... moreOptions) throws IOException {
    List<String> options =
        new ArrayList<>(
            List.of("--base-url", endpoint.baseUrl().toString(), "--split-bytes", "64KiB"));
    options.addAll(List.of("--concurrency", Integer.toString(IN_FLIGHT)));
    options.addAll(Arrays.asList(moreOptions));
    String text =
        Files.readString(BuiltProduct.baseDirectory().resolve("conf/airflow").resolve(file));
    if (!file.contains("databricks")) {
      text = with(text, "JOB_JAR", JSON.writeValueAsString(BuiltProduct.jobJar().toString()));
    }
    text = with(text, "INPUT", JSON.writeValueAsString(input.toString()));
    text = with(text, "OUTPUT", JSON.writeValueAsString(directory + "/out-{{ ds }}"));
    if (!file.contains("pod")) {
      text = with(text, "SUMMARY", JSON.writeValueAsString(directory + "/{{ run_id }}.json"));
    }
    text =
        text.replaceFirst(
            "(?ms)^OPTIONS = \\[$.*?^\\]",
            Matcher.quoteReplacement("OPTIONS = " + JSON.writeValueAsString(options)));
    return Files.writeString(directory.resolve("changed_dag.py"), text);
  }

  private static String with(String text, String name, String value) {
    String changed =
        text.replaceFirst(
            "(?m)^" + name + " = .*$", Matcher.quoteReplacement(name + " = " + value));
    assertThat(changed).as(name).isNotEqualTo(text);
    return changed;
  }

  private ForkedProcess task(Path dag, String runId) {
    return ForkedProcess.command(
            "python3",
            BuiltProduct.baseDirectory().resolve("src/test/python/recorded_airflow.py").toString(),
            "run",
            dag.toString(),
            "run",
            "ds=2026-11-28",
            "run_id=" + runId)
        .with("SPARK_SUBMIT", String.join("\n", SparkCluster.submitCommand()))
        .with("MASTER", cluster.masterUrl())
        .with("JOB_JAR", BuiltProduct.jobJar().toString())
        .with("XCOM", directory.toString())
        .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
        .with("SPARK_SCALA_VERSION", "2.13")
        .with("SPARK_LOCAL_IP", "127.0.0.1")
        .without("SPARK_CONF_DIR")
        .start();
  }

  private JsonNode completed(ForkedProcess task) throws IOException {
    Finished finished = task.waitFor(LONG_ENOUGH);
    assertThat(finished.exitCode()).as("%s", finished).isZero();
    JsonNode summary = JSON.readTree(finished.stdout());
    assertThat(summary.path("succeeded_requests").asInt()).isEqualTo(ROWS);
    return summary;
  }

  private void awaitAnswers(int answers, ForkedProcess task) {
    Eventually.await(
        answers + " answers",
        LONG_ENOUGH,
        () -> endpoint.statistics().ok() >= answers || !task.isAlive(),
        task::stderr);
    assertThat(task.isAlive()).as("the task goes on: %s", task.stderr()).isTrue();
  }

  private EndpointLog log() {
    endpoint.flushRequestLog();
    return EndpointLog.read(directory.resolve("requests.log"));
  }

  @SuppressWarnings("SystemOut") // the figures belong into the build's log
  private void tell(String what) {
    System.out.printf("%s: %d rows, %d received%n", what, ROWS, log().calls().size());
  }

  @Test
  void aTryThatIsKilledIsGoneOnWithByTheNext() throws IOException {
    Path dag = dag();
    try (ForkedProcess first = task(dag, "daily-1")) {
      awaitAnswers(ROWS / 3, first);
      // The driver alone: the task sees it gone, as it would on a worker that ran out of memory.
      first.handle().children().forEach(ProcessHandle::destroyForcibly);
      assertThat(first.waitFor(LONG_ENOUGH).exitCode()).isEqualTo(TRY_AGAIN);
    }
    try (ForkedProcess second = task(dag, "daily-1")) {
      JsonNode summary = completed(second);
      assertThat(summary.path("resumed_requests").asInt()).isPositive();
    }
    tell("killed and tried again");
    assertThat(log().byRow()).hasSize(ROWS);
    assertThat(log().resent()).isLessThanOrEqualTo(MOST_RESENT);

    int received = log().calls().size();
    try (ForkedProcess cleared = task(dag, "daily-1")) {
      completed(cleared);
    }
    assertThat(log().calls()).hasSize(received);
  }

  @Test
  void ofTwoAtOnceOneRunsAndTheOtherTriesAgain() throws IOException {
    Path dag = dag();
    try (ForkedProcess one = task(dag, "daily-1");
        ForkedProcess two = task(dag, "manual-2")) {
      Finished first = one.waitFor(LONG_ENOUGH);
      Finished second = two.waitFor(LONG_ENOUGH);
      assertThat(List.of(first.exitCode(), second.exitCode()))
          .as("%s%n%s", first, second)
          .containsExactlyInAnyOrder(0, TRY_AGAIN);
    }
    try (ForkedProcess again = task(dag, "manual-2")) {
      completed(again);
    }
    tell("twice at once");
    assertThat(log().calls()).hasSize(ROWS);
  }

  @Test
  void aPodReturnsItsSummary() throws IOException {
    try (ForkedProcess pod = task(shipped("batchinfer_pod_dag.py"), "daily-1")) {
      completed(pod);
    }
    tell("in a pod");
    assertThat(log().calls()).hasSize(ROWS);
  }

  @Test
  void aPodWhoseJobEndedOtherwiseIsSkipped() throws IOException {
    input =
        Files.writeString(
            directory.resolve("refused.jsonl"), Requests.line(0, "word [[fault:http_400*1]]"));

    try (ForkedProcess pod = task(shipped("batchinfer_pod_dag.py"), "daily-1")) {
      Finished finished = pod.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isEqualTo(SKIPPED);
      assertThat(finished.stderr()).contains("exit code 3");
    }
  }

  @Test
  void aRunOnDatabricksReturnsItsSummaryAndAMistakeThereIsThrown() throws IOException {
    try (ForkedProcess run = task(shipped("batchinfer_databricks_dag.py"), "daily-1")) {
      completed(run);
    }
    assertThat(log().calls()).hasSize(ROWS);

    Path wrong = shipped("batchinfer_databricks_dag.py", "--concurency", "4");
    try (ForkedProcess run = task(wrong, "daily-2")) {
      Finished finished = run.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isEqualTo(FAILED_FOR_GOOD);
      assertThat(finished.stderr()).contains("CommandFailedException", "exit code 2");
    }
  }

  @Test
  void aMistakeIsNotTriedAgain() throws IOException {
    try (ForkedProcess task = task(dag("--concurency", "4"), "daily-1")) {
      Finished finished = task.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isEqualTo(FAILED_FOR_GOOD);
      assertThat(finished.stderr()).contains("--concurency");
    }
    assertThat(log().calls()).isEmpty();
  }
}

package io.batchinfer.packaging;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobStatus;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Airflow DAGs that are shipped, executed with a stand-in for Airflow. */
class AirflowFilesTest {
  private static final Path DAGS = Path.of("conf/airflow");
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Finished airflow(String dag, String mode, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "python3",
                "src/test/python/recorded_airflow.py",
                mode,
                DAGS.resolve(dag + ".py").toString()));
    words.addAll(List.of(more));
    Finished finished = ForkedProcess.command(words).run(LONG_ENOUGH);
    assertThat(finished.exitCode()).as("%s", finished).isZero();
    return finished;
  }

  private static JsonNode tasks(String dag) throws IOException {
    return JSON.readTree(airflow(dag, "tasks").stdout());
  }

  @Test
  void everyFileIsTested() throws IOException {
    try (Stream<Path> files = Files.list(DAGS)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "batchinfer_dag.py", "batchinfer_databricks_dag.py", "batchinfer_pod_dag.py");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batchinfer_dag", "batchinfer_databricks_dag", "batchinfer_pod_dag"})
  void theRunIsTriedAgainAndNotBesideItself(String dag) throws IOException {
    JsonNode shown = tasks(dag);

    assertThat(shown.at("/dag/max_active_runs").asInt()).isEqualTo(1);
    assertThat(shown.at("/dag/catchup").asBoolean(true)).isFalse();
    assertThat(shown.at("/tasks/run/settings/retries").asInt()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"batchinfer_dag", "batchinfer_databricks_dag", "batchinfer_pod_dag"})
  void aRunTakesTheCommandLine(String dag) throws IOException {
    List<String> words = new ArrayList<>();
    tasks(dag).at("/tasks/run/arguments").forEach(word -> words.add(word.asText()));

    assertThat(words).first().isEqualTo("run");
    ResolvedOptions options = CommandLineRun.options(words.toArray(String[]::new));
    assertThat(options.find(RepeatOptions.RUN_ID)).contains("{{ run_id }}");
    assertThat(options.find(GeneralOptions.SUMMARY_FILE)).isPresent();
  }

  @Test
  void thePageSaysWhatToDoWithEveryExitCode() throws IOException {
    Set<Integer> known = new TreeSet<>(Set.of(0, 143));
    for (ErrorCode code : ErrorCode.values()) {
      known.add(code.exitCode());
    }
    Set<Integer> told = new TreeSet<>();
    Pattern row = Pattern.compile("(?m)^\\| ([0-9][0-9, ]*)[^|]*\\|[^|]*\\|[^|]*\\|$");
    row.matcher(Files.readString(Path.of("src/site/markdown/airflow.md")))
        .results()
        .flatMap(found -> Stream.of(found.group(1).split(",")))
        .map(String::strip)
        .filter(code -> !code.isEmpty())
        .forEach(code -> assertThat(told.add(Integer.valueOf(code))).as(code).isTrue());

    assertThat(told).isEqualTo(known);
  }

  @Test
  void aRunOfDatabricksIsANewOneAtEveryTry() throws IOException {
    JsonNode settings = tasks("batchinfer_databricks_dag").at("/tasks/run/settings");

    assertThat(settings.path("idempotency_token").asText()).isEqualTo("None");
  }

  @Test
  void aPodHasTimeToSaveAndItsImageIsTheShippedOne() throws IOException {
    JsonNode settings = tasks("batchinfer_pod_dag").at("/tasks/run/settings");
    Duration drain = OptionSources.builder().resolve().get(RetryOptions.DRAIN_TIMEOUT);

    assertThat(Duration.ofSeconds(settings.path("termination_grace_period").asInt()))
        .isGreaterThan(drain.plusSeconds(10));
    assertThat(Files.readString(Path.of("conf/kubernetes/Dockerfile")))
        .contains("-t " + settings.path("image").asText() + " image");
  }

  @ParameterizedTest
  @EnumSource(JobStatus.class)
  void theBranchTakesATaskForEveryStatus(JobStatus status) throws IOException {
    for (String dag : List.of("batchinfer_dag", "batchinfer_databricks_dag")) {
      assertTakesATask(dag, status);
    }
  }

  private static void assertTakesATask(String dag, JobStatus status) throws IOException {
    String next =
        airflow(dag, "branch", "by_status", "{\"status\":\"%s\"}".formatted(status.word()))
            .stdout()
            .strip();
    JsonNode tasks = tasks(dag).path("tasks");

    List<String> branches = new ArrayList<>();
    tasks.at("/by_status/downstream").forEach(name -> branches.add(name.asText()));
    assertThat(branches).contains(next);
    assertThat(next.equals("use_answers")).isEqualTo(status == JobStatus.COMPLETED);
  }
}

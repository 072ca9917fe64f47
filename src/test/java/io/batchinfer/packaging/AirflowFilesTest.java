package io.batchinfer.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.config.Options;
import io.batchinfer.launch.RunOptions;
import io.batchinfer.model.JobStatus;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The Airflow DAG that is shipped, executed with a stand-in for Airflow. */
class AirflowFilesTest {
  private static final Path DAG = Path.of("conf/airflow/batchinfer_dag.py");
  private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Finished airflow(String mode, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("python3", "src/test/python/recorded_airflow.py", mode, DAG.toString()));
    words.addAll(List.of(more));
    Finished finished = ForkedProcess.command(words).run(LONG_ENOUGH);
    assertThat(finished.exitCode()).as("%s", finished).isZero();
    return finished;
  }

  @Test
  void theRunIsTriedAgainAndNotBesideItself() throws IOException {
    JsonNode shown = JSON.readTree(airflow("tasks").stdout());

    assertThat(shown.at("/dag/max_active_runs").asInt()).isEqualTo(1);
    assertThat(shown.at("/dag/catchup").asBoolean(true)).isFalse();
    assertThat(shown.at("/tasks/run/settings/retries").asInt()).isPositive();
  }

  @Test
  void everyFlagIsOneOfARun() throws IOException {
    JsonNode arguments = JSON.readTree(airflow("tasks").stdout()).at("/tasks/run/arguments");

    assertThat(arguments.path(0).asText()).isEqualTo("run");
    List<String> flags = new ArrayList<>();
    arguments.forEach(
        argument -> {
          if (argument.asText().startsWith("--")) {
            flags.add(argument.asText().substring(2));
          }
        });
    assertThat(flags).contains("run-id", "summary-file");
    assertThat(flags)
        .allSatisfy(flag -> assertThat(Options.named(flag)).get().isIn(RunOptions.ALL));
  }

  @ParameterizedTest
  @EnumSource(JobStatus.class)
  void theBranchTakesATaskForEveryStatus(JobStatus status) throws IOException {
    String next =
        airflow("branch", "by_status", "{\"status\":\"%s\"}".formatted(status.word()))
            .stdout()
            .strip();
    JsonNode tasks = JSON.readTree(airflow("tasks").stdout()).path("tasks");

    List<String> branches = new ArrayList<>();
    tasks.at("/by_status/downstream").forEach(name -> branches.add(name.asText()));
    assertThat(branches).contains(next);
    assertThat(next.equals("use_answers")).isEqualTo(status == JobStatus.COMPLETED);
  }
}

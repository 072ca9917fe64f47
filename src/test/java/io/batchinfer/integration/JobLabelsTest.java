package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.model.JobStatus;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.SharedSpark;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Spark's pages call the jobs of a run. */
class JobLabelsTest extends SharedSpark {
  private static final int ROWS = 200;

  @TempDir Path directory;
  private final Started started = new Started();
  private SimulatedEndpoint endpoint;
  private LocalRun job;

  /** The jobs that Spark tells its listeners of: description, group, and name of the last stage. */
  private static final class Started extends SparkListener {
    private final List<String> descriptions = new CopyOnWriteArrayList<>();
    private final List<String> groups = new CopyOnWriteArrayList<>();
    private final List<String> stages = new CopyOnWriteArrayList<>();

    @Override
    public void onJobStart(SparkListenerJobStart start) {
      stages.add(start.stageInfos().last().name());
      groups.add(String.valueOf(start.properties().getProperty("spark.jobGroup.id")));
      descriptions.add(String.valueOf(start.properties().getProperty("spark.job.description")));
    }
  }

  @BeforeEach
  void listen() throws Exception {
    endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
    Path input = Requests.chat(directory.resolve("requests.jsonl"), ROWS, 5);
    job = LocalRun.of(input, directory.resolve("out"), endpoint);
    // Spark tells of jobs behind their backs: those of the tests before are not this one's.
    jsc().sc().listenerBus().waitUntilEmpty();
    jsc().sc().addSparkListener(started);
  }

  @AfterEach
  void stop() {
    jsc().sc().removeSparkListener(started);
    jsc().clearJobGroup();
    endpoint.close();
  }

  private void awaitJobs(int jobs) {
    Eventually.await(
        jobs + " jobs",
        LONG_ENOUGH,
        () -> started.descriptions.size() >= jobs,
        started.descriptions::toString);
  }

  @Test
  void everyJobSaysWhatItDoesAndHowFarTheRunIs() {
    jsc().setLocalProperty("spark.job.description", "the notebook's");

    assertThat(job.with().exitCode()).isZero();
    awaitJobs(5);

    assertThat(started.descriptions)
        .containsExactly(
            "batchinfer: plan, read 1 part of the input",
            "batchinfer: plan, look for equal ids among 200 rows",
            "batchinfer: plan, find equal rows",
            "batchinfer: send, 0 % of 200 rows settled before",
            "batchinfer: proof of 200 rows");
    assertThat(started.stages).isEqualTo(started.descriptions);
    assertThat(started.groups)
        .hasSize(5)
        .allMatch(group -> group.startsWith("batchinfer ") && group.endsWith("/out"));
    assertThat(jsc().getLocalProperty("spark.job.description")).isEqualTo("the notebook's");
    assertThat(jsc().getLocalProperty("spark.jobGroup.id")).isNull();
    assertThat(jsc().getLocalProperty("callSite.short")).isNull();
  }

  @Test
  void aRunThatGoesOnSaysWhereItBegins() {
    endpoint.change(settings -> settings.timeToFirstToken(Duration.ofMillis(100)));
    assertThat(job.with("--concurrency", "4", "--max-total-tokens", "300").exitCode())
        .isEqualTo(JobStatus.OUT_OF_BUDGET.exitCode());
    endpoint.change(settings -> settings.timeToFirstToken(Duration.ZERO));

    CommandLineRun second = job.with();

    assertThat(second.exitCode()).as(second.err()).isZero();
    awaitJobs(5);
    assertThat(started.descriptions)
        .anyMatch(words -> words.matches("batchinfer: send, [1-9]\\d? % of 200 rows .*"));
  }

  @Test
  void theGroupOfWhoeverCallsStays() {
    jsc().setJobGroup("cell 7", "what the cell does");

    assertThat(job.with().exitCode()).isZero();
    awaitJobs(5);

    assertThat(started.groups).containsOnly("cell 7");
  }
}

package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The job of a run as its executors see it. */
class JobViewTest {
  private final InMemoryFiles files = InMemoryFiles.filesystem();

  @Test
  void itsSplitsAreThoseOfThePlan() {
    try (WorkedJob job = new WorkedJob(files, 6, 3, Map.of())) {
      JobView view = job.view();

      assertThat(view.splits()).isEqualTo(2);
      assertThat(view.split(1)).isEqualTo(job.plan.splits().get(1));
      assertThat(view.split(0)).isEqualTo(job.plan.splits().get(0));
    }
  }

  @Test
  void anErrorLineNamesTheRowAndTheInputAsTheUserKnowsIt() {
    try (WorkedJob job = new WorkedJob(files, 6, 3, Map.of())) {
      byte[] line =
          job.view()
              .lineWriter()
              .render(
                  job.view().split(1).row(0),
                  "mine",
                  new Unanswered(ErrorCode.REQUEST_TIMEOUT, "late", null));

      assertThat(new String(line, StandardCharsets.UTF_8))
          .contains(job.view().keys().of(job.view().split(1).row(0)))
          .contains("/in/a.jsonl");
    }
  }

  @Test
  void anExecutorThatDoesNotSeeThePlanSaysWhereItLooked() {
    try (WorkedJob job = new WorkedJob(files, 1, 1, Map.of())) {
      JobFolder elsewhere = new JobFolder(InMemoryFiles.filesystem(), "/elsewhere");

      assertThatThrownBy(() -> JobView.read(job.view().spec(), elsewhere))
          .isInstanceOfSatisfying(
              BatchException.class,
              thrown -> assertThat(thrown.code()).isEqualTo(ErrorCode.STORAGE_FAILED))
          .hasMessageContaining(elsewhere.plan())
          .hasMessageContaining("share");
    }
  }
}

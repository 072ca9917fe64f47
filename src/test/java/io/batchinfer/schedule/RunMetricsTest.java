package io.batchinfer.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchFile.Role;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Creation;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchJob.Input;
import io.batchinfer.model.BatchJob.Lifetime;
import io.batchinfer.model.BatchJob.Target;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.Counts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.BatchStore;
import io.batchinfer.store.Repetition;
import io.batchinfer.testing.InMemoryFiles;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RunMetricsTest {
  private final ServiceMetrics metrics = new ServiceMetrics(true);
  private final RunMetrics run = new RunMetrics(metrics, "team-a");

  private static Counts counts(long succeeded, long failed, long prompt, long completion) {
    return new Counts(
        new RowCounts(succeeded, failed),
        new Spent(0, 0, new Usage(prompt, completion)),
        new TreeMap<>());
  }

  @Test
  void countsByHowMuchTotalsGrow() {
    run.beginFromNothing();
    run.count(counts(3, 1, 30, 60), 0.5);
    run.count(counts(3, 1, 30, 60), 0.5);
    run.count(counts(8, 2, 80, 160), 1.25);

    assertThat(metrics.text())
        .contains("batchinfer_requests_total{outcome=\"succeeded\",workspace=\"team-a\"} 8.0\n")
        .contains("batchinfer_requests_total{outcome=\"failed\",workspace=\"team-a\"} 2.0\n")
        .contains("batchinfer_tokens_total{kind=\"prompt\",workspace=\"team-a\"} 80.0\n")
        .contains("batchinfer_tokens_total{kind=\"completion\",workspace=\"team-a\"} 160.0\n")
        .contains("batchinfer_cost_total{workspace=\"team-a\"} 1.25\n");
  }

  @Test
  void whatAnEarlierRunSettledIsNotCountedAgain() {
    run.count(counts(100, 0, 1000, 2000), 10.0);
    run.count(counts(104, 0, 1040, 2080), 10.5);

    assertThat(metrics.text())
        .contains("batchinfer_requests_total{outcome=\"succeeded\",workspace=\"team-a\"} 4.0\n")
        .contains("batchinfer_tokens_total{kind=\"prompt\",workspace=\"team-a\"} 40.0\n")
        .contains("batchinfer_cost_total{workspace=\"team-a\"} 0.5\n");
  }

  @Test
  void aCostThatIsNotKnownIsNotCounted() {
    run.beginFromNothing();
    run.count(counts(1, 0, 1, 1), null);

    assertThat(metrics.text()).doesNotContain("batchinfer_cost_total");
  }

  @Test
  void theEndOfAJobIsCountedOnce() {
    BatchStore store = new BatchStore(InMemoryFiles.filesystem(), "/store");
    BatchRegistry registry =
        new BatchRegistry(store, Clock.systemUTC(), metrics, () -> true, line -> {});
    registry.add(INPUT);
    registry.create(job("one"), Optional.empty(), new Repetition(false, 0), 1000);

    registry.change("team-a", "one", state -> state.change().started(1).made());
    assertThat(metrics.text()).doesNotContain("batchinfer_jobs_ended_total");
    registry.change("team-a", "one", state -> state.change().ended(BatchStatus.SUCCESS, 2).made());
    registry.change("team-a", "one", state -> state.change().total(5).made());

    assertThat(metrics.text())
        .contains("batchinfer_jobs_ended_total{status=\"SUCCESS\",workspace=\"team-a\"} 1.0\n");
  }

  private static final BatchFile INPUT =
      new BatchFile(
          "file", "team-a", "in.jsonl", "batch", Role.REQUESTS, 1, 5, 0, null, null, null, null);

  private static BatchJob job(String id) {
    return new BatchJob(
        id,
        "team-a",
        new BatchJob.Spec(
            new Creation(Dialect.MISTRAL, 0, "0a1b2c3d", "hash", null),
            new Target("/v1/chat/completions", "model", null, null),
            new Input(List.of("file"), false, 5),
            Map.of(),
            new Lifetime(24, null)),
        BatchJob.State.queued(5));
  }
}

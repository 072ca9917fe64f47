package io.batchinfer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RunCourse;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Creation;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchJob.Input;
import io.batchinfer.model.BatchJob.Lifetime;
import io.batchinfer.model.BatchJob.Target;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.report.page.ReportPage;
import io.batchinfer.report.page.SampleJob;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ServiceReportTest {
  private static final String ID = "4b1f8f9e-6a53-4f8f-8f0b-9d5f6c1f2a3b";
  private static final String UPLOAD = "2a8f6a62-6a5f-4f5c-8a4b-222222222222";

  private final JobFolder run =
      new JobFolder(InMemoryFiles.filesystem(), "/store/workspaces/team/jobs/" + ID + "/run");

  private static BatchJob job(BatchStatus status) {
    BatchJob.State queued = BatchJob.State.queued(7);
    return new BatchJob(
        ID,
        "team",
        new BatchJob.Spec(
            new Creation(Dialect.MISTRAL, 0, "key", "hash", null),
            new Target("/v1/chat/completions", "m", null, null),
            new Input(List.of(UPLOAD), false, 7),
            Map.of(),
            new Lifetime(24, null)),
        status == BatchStatus.QUEUED ? queued : queued.change().ended(status, 1).made());
  }

  /** Sent from a store, with a word of the run for whoever operates it. */
  private static JobRecord record(JobStatus status) {
    JobRecord sample = SampleJob.record(status, "Look at gpu-7 of the operator.");
    TreeMap<String, String> settings = new TreeMap<>(sample.definition().settings());
    settings.put("input", "file:/store/workspaces/team/files/" + UPLOAD + "/content.jsonl");
    settings.put("provider", "internal-provider");
    return new JobRecord(
        new JobRecord.Definition(
            sample.jobId(),
            "/store/workspaces/team/jobs/" + ID + "/run",
            sample.identity(),
            settings,
            Map.of("team", "search")),
        sample.generation(),
        sample.standing(),
        sample.rows(),
        sample.costs(),
        sample.times(),
        sample.engines());
  }

  private static String text(byte[] page) {
    return new String(page, StandardCharsets.UTF_8);
  }

  @Test
  void aCallerSeesTheJobAndNothingOfHowTheServiceIsSetUp() {
    run.writeRecord(record(JobStatus.STOPPED));

    String operators = text(ServiceReport.forOperator(run, job(BatchStatus.SUCCESS)));
    String callers = text(ServiceReport.forCaller(run, job(BatchStatus.SUCCESS)));

    for (String own :
        List.of(
            "/store/",
            "10.0.4.11",
            "internal-provider",
            "gpu-7",
            "executor-1",
            "The same run command")) {
      assertThat(operators).as(own).contains(own);
      assertThat(callers).as(own).doesNotContain(own);
    }
    assertThat(callers)
        .contains(ID, UPLOAD, "1,000,000", "mistral-small-latest", "search", "The job is stopped.")
        .doesNotContain("a prompt that must not be shown");
  }

  @Test
  void noCallerSeesWhoDidTheWork() {
    JobCourse sample = SampleJob.course();
    RunCourse last = sample.runs().get(1);
    JobCourse course =
        new JobCourse(
            List.of(
                sample.runs().get(0),
                new RunCourse(
                    last.run(),
                    last.program(),
                    last.startedAt(),
                    new RunCourse.Ending(last.ending().at(), JobStatus.STOPPED, "gpu-7 is gone"),
                    last.rows(),
                    last.resumedRows(),
                    last.limits(),
                    last.points())),
            0,
            sample.rows(),
            sample.sketchedSplits(),
            sample.slowestSplits());

    String all = page(course);
    String shown = page(CallersView.of(course));

    for (String own : List.of("10.0.4.12", "executor 2", "yarn", "gpu-7")) {
      assertThat(all).as(own).contains(own);
      assertThat(shown).as(own).doesNotContain(own);
    }
    assertThat(shown).contains("review-700012", "context_length_exceeded", "version 1.4.0");
  }

  private static String page(JobCourse course) {
    JobRecord record = CallersView.of(record(JobStatus.COMPLETED), job(BatchStatus.SUCCESS));
    return ReportPage.write(record, course, List.of(), List.of());
  }

  @Test
  void aJobThatTheServiceGoesOnWithSaysSo() {
    run.writeRecord(record(JobStatus.COOLING_DOWN));

    assertThat(text(ServiceReport.forCaller(run, job(BatchStatus.QUEUED))))
        .contains("The service goes on with it by itself until the job&#39;s time is over.");
    run.writeRecord(record(JobStatus.RUNNING));
    assertThat(text(ServiceReport.forCaller(run, job(BatchStatus.QUEUED))))
        .contains("The rows are being sent.")
        .doesNotContain("goes on with it by itself");
  }

  @Test
  void aJobOfWhichNothingIsRecordedHasNone() {
    assertThatThrownBy(() -> ServiceReport.demand(run, job(BatchStatus.QUEUED)))
        .isInstanceOf(BatchException.class)
        .hasMessage(
            "Job %s (QUEUED) has sent nothing yet, so there is nothing to report of it. Ask again once it is under way.",
            ID);
    assertThatThrownBy(() -> ServiceReport.forCaller(run, job(BatchStatus.FAILED)))
        .isInstanceOf(BatchException.class)
        .hasMessage(
            "Job %s (FAILED) ended before it sent anything, so there is nothing to report of it. Its errors say why.",
            ID);
  }
}

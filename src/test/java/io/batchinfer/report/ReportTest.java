package io.batchinfer.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.HeldBy;
import io.batchinfer.job.RunProgress;
import io.batchinfer.job.RunProgress.Answers;
import io.batchinfer.job.RunProgress.Moment;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobRecord.Costs;
import io.batchinfer.model.JobRecord.Definition;
import io.batchinfer.model.JobRecord.Generation;
import io.batchinfer.model.JobRecord.Rows;
import io.batchinfer.model.JobRecord.Standing;
import io.batchinfer.model.JobRecord.Times;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.MarkCounts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people read of a job, letter by letter. */
class ReportTest {
  private static final List<String> FACTS =
      List.of("326 of 3,600 (9 %)", "1 min 40 s left", "33/s", "2 failed", "64 in flight");

  /** A job of which this run settled some rows in ten seconds, ten of them before it. */
  private static JobRecord job(JobStatus status, long total, long succeeded, long failed) {
    TreeMap<String, Long> errors = new TreeMap<>();
    if (failed > 0) {
      errors.put("http_400", failed);
    }
    return job(
        status,
        total,
        new Counts(
            new RowCounts(succeeded, failed),
            new Spent(succeeded, failed, new Usage(1, 1)),
            new MarkCounts(failed, 0, 0),
            errors));
  }

  private static JobRecord job(JobStatus status, long total, Counts counts) {
    long earlier = Math.min(10, counts.succeeded());
    return new JobRecord(
        new Definition(
            "batch_" + "0".repeat(32), "file:/out", new TreeMap<>(), new TreeMap<>(), Map.of()),
        Generation.FIRST,
        new Standing(status, "", 0, true),
        new Rows(total, earlier, counts),
        Costs.UNKNOWN,
        new Times(Instant.EPOCH, Optional.empty(), counts.settled() == earlier ? 0 : 10, 12.5));
  }

  private static ProgressLine line() {
    ProgressLine line = new ProgressLine();
    line.show(9, FACTS);
    return line;
  }

  @Test
  void aWideTerminalShowsAllAndAShortBar() {
    assertThat(line().line(120))
        .isEqualTo(
            "[=>                            ] 326 of 3,600 (9 %), 1 min 40 s left, 33/s, 2 failed, 64 in flight");
  }

  @Test
  void whatWeighsLeastGoesFirst() {
    assertThat(line().line(54)).isEqualTo("[          ] 326 of 3,600 (9 %), 1 min 40 s left, 33/s");
    assertThat(line().line(30)).isEqualTo("[         ] 326 of 3,600 (9 %)");
    assertThat(line().line(5)).isEqualTo("326 o");
  }

  @Test
  void noLineIsLongerThanTheTerminalIsWide() {
    ProgressLine line = line();

    IntStream.range(0, 200)
        .forEach(width -> assertThat(line.line(width).length()).isLessThanOrEqualTo(width));
  }

  @Test
  void aRunningJobSaysHowFarItIsHowFastAndHowLong() {
    assertThat(Summary.of(job(JobStatus.RUNNING, 3600, 310, 26)))
        .contains(
            "\n  336 of 3,600 (9 %), 33/s, 1 min 41 s left\n",
            "3,600 requests: 310 succeeded, 26 failed, 3,264 open",
            "26 answers were cut off by their token limit",
            "26 attempts got no answer",
            "12.5 s in all, 10.0 s sending, 32.6 requests/s");
  }

  @Test
  void oneIsSingular() {
    assertThat(Summary.of(job(JobStatus.COMPLETED, 1, 0, 1)))
        .contains(
            "\n  1 request: 0 succeeded, 1 failed, 0 open",
            "\n  1 answer was cut off by its token limit",
            "\n  1 attempt got no answer",
            "\n  1 prompt and 1 completion token, cost");
  }

  @Test
  void aJobThatSentNothingHasNoRate() {
    assertThat(Summary.of(job(JobStatus.COMPLETED, 10, 10, 0)))
        .contains("\n  12.5 s in all\n", "10 of them were settled by an earlier run")
        .doesNotContain("/s", "left");
  }

  @Test
  void watchingWritesALineWhereSomethingIsNew() {
    StringWriter out = new StringWriter();
    try (WatchReport report = new WatchReport(new PrintWriter(out), false)) {
      report.show(job(JobStatus.PLANNING, 0, 0, 0), Optional.empty());
      report.show(job(JobStatus.RUNNING, 3600, 310, 26), Optional.empty());
      report.show(job(JobStatus.RUNNING, 3600, 310, 26), Optional.empty());
      report.show(job(JobStatus.RUNNING, 3600, 400, 26), Optional.of(point()));
    }

    assertThat(out.toString().lines())
        .containsExactly(
            "planning",
            "336 of 3,600 (9 %), 33/s, 1 min 41 s left, 26 failed",
            "426 of 3,600 (11 %), 42/s, 1 min 17 s left, 26 failed, 60 of 64 in flight, at the limit of requests at once, 95 % answered in 1.3 s");
  }

  private static CoursePoint point() {
    return new CoursePoint(
        0,
        new CoursePoint.Rows(400, 26, new TreeMap<>()),
        new CoursePoint.Attempts(400, 0, 0, 0),
        new CoursePoint.Moment(60, 12, 2, HeldBy.CONCURRENCY),
        new CoursePoint.Limits(64, null, null),
        new CoursePoint.Spent(1, 1, null),
        new CoursePoint.Latencies(600, 1_280, 2_000),
        CoursePoint.Load.UNKNOWN,
        new TreeMap<>());
  }

  @Test
  void progressIsALineEveryTenSecondsAndOneWhenAWaitBegins() {
    StringWriter err = new StringWriter();
    try (ProgressReport report = new ProgressReport(new PrintWriter(err), false)) {
      for (int second = 1; second <= 25; second++) {
        report.progress(progress(second));
      }
    }

    assertThat(err.toString().lines())
        .containsExactly(
            "30 of 3,600 (0 %), 19 min 50 s left, 3.0/s, 10 failed, 8 in flight, 30 tokens",
            "45 of 3,600 (1 %), http://h:1 refuses connections since 09:12:03; waiting until 09:27:03, 3.0/s, 15 failed, 8 in flight, 45 tokens",
            "75 of 3,600 (2 %), http://h:1 refuses connections since 09:12:03; waiting until 09:27:03, 3.0/s, 25 failed, 8 in flight, 75 tokens");
  }

  @Test
  void howFarTheRunIsCanBeAskedForAtAnyTime() {
    try (ProgressReport report = new ProgressReport(new PrintWriter(new StringWriter()), false)) {
      assertThat(report.now()).isEqualTo("Nothing has been sent yet.");

      report.progress(progress(3, 8, ""));

      assertThat(report.now())
          .isEqualTo("9 of 3,600 (0 %), 19 min 57 s left, 3.0/s, 3 failed, 8 in flight, 9 tokens");
    }
  }

  @Test
  void waitsThatComeAndGoFillNoLog() {
    StringWriter err = new StringWriter();
    try (ProgressReport report = new ProgressReport(new PrintWriter(err), false)) {
      for (int tenth = 0; tenth < 100; tenth++) {
        report.progress(progress(tenth / 10, 8, tenth % 2 == 0 ? "" : "http://h:1 answers 503"));
      }
    }

    assertThat(err.toString().lines()).hasSize(1);
  }

  private static String summary(JobStatus status, Map<String, Long> errors) {
    return Summary.of(
        job(
            status,
            100,
            new Counts(
                new RowCounts(90, 10), new Spent(100, 0, Usage.NONE), new TreeMap<>(errors))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "request_timeout",
        "connection_error",
        "invalid_response",
        "row_crashes_endpoint",
        "row_crashes_worker",
        "http_408",
        "http_429",
        "http_500",
        "http_502",
        "http_529",
        "server_error",
        "internalservererror",
        "rate_limit_exceeded",
        "overloaded_error",
        "service_unavailable",
        "api_error"
      })
  void whatAnotherTryMayHelpIsSaid(String code) {
    String hint =
        "\n  7 failed requests may succeed when sent again, which the same command with --retry-failed does\n";
    Map<String, Long> errors = Map.of(code, 7L, "http_400", 2L, "invalid_method", 1L);

    assertThat(summary(JobStatus.COMPLETED, errors)).contains(hint);
    assertThat(summary(JobStatus.FAILED, errors)).contains(hint);
    assertThat(summary(JobStatus.RUNNING, errors)).doesNotContain("--retry-failed");
    assertThat(summary(JobStatus.INTERRUPTED, errors)).doesNotContain("--retry-failed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http_400",
        "http_404",
        "http_422",
        "http_501",
        "invalid_json_line",
        "invalid_media",
        "duplicate_custom_id",
        "context_length_exceeded",
        "content_filter",
        "batch_cancelled",
        "batch_expired",
        "invalid_request_error"
      })
  void whereAnotherTryIsNoHelpNothingIsSaid(String code) {
    assertThat(summary(JobStatus.COMPLETED, Map.of(code, 10L))).doesNotContain("--retry-failed");
  }

  @Test
  void severalKindsAddUp() {
    assertThat(summary(JobStatus.COMPLETED, Map.of("http_503", 1L, "connection_error", 2_000L)))
        .contains("\n  2,001 failed requests may succeed");
    assertThat(summary(JobStatus.COMPLETED, Map.of("http_503", 1L)))
        .contains("\n  1 failed request may succeed");
  }

  @Test
  void rowsThatWaitForTheirNextTryAreNamed() {
    StringWriter err = new StringWriter();
    try (ProgressReport report = new ProgressReport(new PrintWriter(err), false)) {
      report.progress(progress(1_199, 0, ""));
      report.progress(progress(1_199 + 10, 1, ""));
    }

    assertThat(err.toString())
        .startsWith("3,597 of 3,600 (99 %), waiting to send 3 requests again, 3.0/s")
        .doesNotContain(" left");
  }

  private static RunProgress progress(int second) {
    return progress(
        second,
        8,
        second < 15 ? "" : "http://h:1 refuses connections since 09:12:03; waiting until 09:27:03");
  }

  private static RunProgress progress(int second, int inFlight, String waitingFor) {
    return new RunProgress(
        3600,
        new RowCounts(2L * second, second),
        new TreeMap<>(),
        new Answers(new Usage(second, 2L * second), null, LatencyHistogram.NONE),
        Duration.ofSeconds(second),
        new Moment(inFlight, Duration.ZERO, waitingFor));
  }
}

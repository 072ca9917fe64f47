package io.batchinfer.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.Cost;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobRecord.Costs;
import io.batchinfer.model.JobRecord.Definition;
import io.batchinfer.model.JobRecord.Generation;
import io.batchinfer.model.JobRecord.Rows;
import io.batchinfer.model.JobRecord.Standing;
import io.batchinfer.model.JobRecord.Times;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.MarkCounts;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Savings;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Every value differs from all others: one in the wrong place would be seen. */
class JobJsonTest {
  private static final Counts COUNTS =
      new Counts(
          new RowCounts(61, 2),
          new Spent(
              73,
              4,
              new Usage(800, 900, 10, 11, new Cost(12, 13), 23),
              new Savings(Cost.of(18), new Cost(19, 20), new Cost(21, 22))),
          new MarkCounts(5, 6, 7, 8, 9),
          new TreeMap<>(Map.of("http_503", 1L, "expired", 14L)));

  private static final JobRecord JOB =
      new JobRecord(
          new Definition(
              "batch_1",
              "file:/out",
              new TreeMap<>(Map.of("input", "i", "base-url", "u")),
              new TreeMap<>(Map.of("concurrency", "20")),
              Map.of("team", "a")),
          new Generation(3, Optional.of("again")),
          new Standing(JobStatus.EXPIRED, "Out of time.", 5, true),
          new Rows(100, 21, COUNTS),
          new Costs(Optional.of(0.25), "EUR", List.of("m1", "")),
          new Times(
              Instant.ofEpochSecond(1_700_000_000),
              Optional.of(Instant.ofEpochSecond(1_700_000_100)),
              42,
              99.125));

  private static final String SUMMARY =
      """
      {"job_id":"batch_1","status":"expired","exit_code":5,"message":"Out of time.",\
      "resumable":true,"output":"file:/out","total_requests":100,"succeeded_requests":61,\
      "failed_requests":2,"attempts":73,"may_have_run":4,"truncated_answers":5,\
      "filtered_answers":6,"repaired_answers":7,"deduplicated_requests":8,"reused_requests":9,"resumed_requests":21,"prompt_tokens":800,\
      "completion_tokens":900,"cost":0.25,"currency":"EUR","saved":{"deduplicated":1.8E-8,"reused":null,"batch":null,"cached":null},"unpriced_models":["m1",""],\
      "started_at":"2023-11-14T22:13:20Z","completed_at":"2023-11-14T22:15:00Z",\
      "duration_seconds":99.125,"sending_seconds":42.0,"requests_per_second":1.0,\
      "errors":{"expired":14,"http_503":1}}""";

  private static final String RECORD =
      """
      {
        "job_id" : "batch_1",
        "status" : "expired",
        "exit_code" : 5,
        "message" : "Out of time.",
        "resumable" : true,
        "output" : "file:/out",
        "total_requests" : 100,
        "succeeded_requests" : 61,
        "failed_requests" : 2,
        "attempts" : 73,
        "may_have_run" : 4,
        "truncated_answers" : 5,
        "filtered_answers" : 6,
        "repaired_answers" : 7,
        "deduplicated_requests" : 8,
        "reused_requests" : 9,
        "resumed_requests" : 21,
        "prompt_tokens" : 800,
        "completion_tokens" : 900,
        "cost" : 0.25,
        "currency" : "EUR",
        "saved" : {
          "deduplicated" : 1.8E-8,
          "reused" : null,
          "batch" : null,
          "cached" : null
        },
        "unpriced_models" : [ "m1", "" ],
        "started_at" : "2023-11-14T22:13:20Z",
        "completed_at" : "2023-11-14T22:15:00Z",
        "duration_seconds" : 99.125,
        "sending_seconds" : 42.0,
        "requests_per_second" : 1.0,
        "errors" : {
          "expired" : 14,
          "http_503" : 1
        },
        "generation" : 3,
        "rerun" : "again",
        "cached_tokens" : 10,
        "reasoning_tokens" : 11,
        "cost_billionths" : 12,
        "unpriced_answers" : 13,
        "cache_discount_billionths" : 23,
        "saved_by_dedupe_billionths" : 18,
        "saved_by_dedupe_unpriced" : 0,
        "saved_by_reuse_billionths" : 19,
        "saved_by_reuse_unpriced" : 20,
        "saved_by_batch_billionths" : 21,
        "saved_by_batch_unpriced" : 22,
        "metadata" : {
          "team" : "a"
        },
        "identity" : {
          "base-url" : "u",
          "input" : "i"
        },
        "settings" : {
          "concurrency" : "20"
        }
      }
      """;

  @Test
  void theSummaryIsOneLineWithTheseKeysInThisOrder() {
    assertThat(JobJson.summary(JOB)).isEqualTo(SUMMARY);
  }

  @Test
  void theRecordIsTheSummaryAndWhatALaterRunNeeds() {
    assertThat(new String(JobJson.record(JOB), StandardCharsets.UTF_8)).isEqualTo(RECORD);
  }

  @Test
  void aRecordIsReadAsItWasWritten() throws IOException {
    assertThat(JobJson.parse(JobJson.record(JOB))).isEqualTo(JOB);
  }

  @Test
  void aMarkOfPublicationIsReadAsItWasWritten() throws IOException {
    PartCounts part = new PartCounts(COUNTS, 15, 16, 17);

    assertThat(new String(PartCountsJson.write(part), StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"succeeded":61,"failed":2,"attempts":73,"may_have_run":4,"truncated":5,\
            "filtered":6,"repaired":7,"deduplicated":8,"reused":9,"prompt_tokens":800,"completion_tokens":900,\
            "cached_tokens":10,"reasoning_tokens":11,"cost_billionths":12,"unpriced_answers":13,"cache_discount_billionths":23,\
            "saved_by_dedupe_billionths":18,"saved_by_dedupe_unpriced":0,\
            "saved_by_reuse_billionths":19,"saved_by_reuse_unpriced":20,\
            "saved_by_batch_billionths":21,"saved_by_batch_unpriced":22,\
            "errors":{"expired":14,"http_503":1},"round":15,"result_bytes":16,"error_bytes":17}""");
    assertThat(PartCountsJson.parse(PartCountsJson.write(part))).isEqualTo(part);
  }
}

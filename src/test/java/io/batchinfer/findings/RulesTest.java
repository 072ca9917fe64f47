package io.batchinfer.findings;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.RateOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.course.CoursePoint.Load;
import io.batchinfer.course.CoursePoint.Processors;
import io.batchinfer.course.HeldBy;
import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RowKind;
import io.batchinfer.model.MarkCounts;
import io.batchinfer.model.Usage;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each rule at its thresholds: where it begins to speak, it speaks alone, and below it is silent.
 */
class RulesTest {
  /** A rule's code, a job in which it just speaks, and those in which it just does not. */
  private record Threshold(String code, HealthyJob speaks, List<HealthyJob> silent) {}

  private static final RowKind CHAT = new RowKind("/v1/chat/completions", "a", false, true);
  private static final RowKind VISION = new RowKind("/v1/chat/completions", "b", true, true);

  private static HealthyJob job() {
    return new HealthyJob();
  }

  private static Threshold of(String code, HealthyJob speaks, HealthyJob... silent) {
    return new Threshold(code, speaks, List.of(silent));
  }

  private static HealthyJob tokens(double held, long used) {
    // 60,000 tokens a minute over a hundred seconds are 100,000.
    return job().held(HeldBy.TOKENS, held).perMinute(null, 60_000.0).usage(new Usage(used, 0));
  }

  private static HealthyJob cached(long cached) {
    return job().with(SavingOptions.ORDER, "input").usage(new Usage(100_000, 10, cached, 0));
  }

  private static List<Threshold> thresholds() {
    return List.of(
        of(
            "one_error",
            job().failed("context_length_exceeded", 8).failed("other", 2),
            job().failed("context_length_exceeded", 9),
            job().failed("context_length_exceeded", 79).failed("other", 21),
            job().failed("batch_cancelled", 500)),
        of(
            "one_kind_fails",
            job().kind(CHAT, 50, 2).kind(VISION, 40, 8),
            // As often as five times the others would be.
            job().kind(CHAT, 50, 2).kind(VISION, 41, 8),
            // Not four of five.
            job().kind(CHAT, 300, 3).kind(VISION, 40, 8),
            // Too few to compare, or to speak of.
            job().kind(CHAT, 500, 0).kind(VISION, 19, 19),
            job().kind(CHAT, 19, 0).kind(VISION, 500, 500),
            job().kind(CHAT, 500, 0).kind(VISION, 40, 9),
            job().kind(CHAT, 1500, 0).kind(VISION, 40, 15)),
        of(
            "cut_off_answers",
            job().marks(new MarkCounts(50, 0, 0)),
            job().marks(new MarkCounts(49, 0, 0)),
            job().marks(new MarkCounts(9, 0, 0)),
            // Copies of an answer, and answers taken over, count as answers, as they do as cut off.
            job().marks(new MarkCounts(49, 0, 0, 800, 100))),
        of("equal_rows_sent", job().equalRowsSent(50), job().equalRowsSent(49)),
        of("may_have_run", job().mayHaveRun(10), job().mayHaveRun(9)),
        of(
            "proxy_time_limit",
            job().cutAfter(60_000).mayHaveRun(40).attempts(0, 40, 0),
            job().mayHaveRun(9)),
        of(
            "late_journal",
            job().load(late(6000), 25),
            job().load(late(6000), 24),
            job().load(late(5999), 100)),
        of("prompt_cache_missed", cached(1000), cached(999), cached(60_001)),
        of(
            "endpoint_away",
            job().held(HeldBy.ENDPOINT_AWAY, 0.05).mayHaveRun(40),
            job().held(HeldBy.ENDPOINT_AWAY, 0.04)),
        of(
            "many_refusals",
            job().attempts(112, 0, 0),
            job().attempts(110, 0, 0),
            // Few of few.
            job().attempts(19, 0, 0)),
        of("many_retries", job().attempts(0, 0, 112), job().attempts(0, 0, 110)),
        of(
            "slow_replica",
            job().replica("a", 20, 100).replica("b", 20, 100).replica("c", 20, 250),
            job().replica("a", 20, 100).replica("b", 20, 100).replica("c", 20, 249),
            job().replica("a", 20, 100).replica("b", 20, 100).replica("c", 19, 1000),
            job().replica("a", 20, 100)),
        of("token_estimates", tokens(0.25, 15_000), tokens(0.24, 14_000), tokens(0.25, 15_100)),
        of(
            "busy_machine",
            job().load(ofDriver(0.03, 0.85, 0.85), 50),
            job().load(ofDriver(0.03, 0.85, 0.85), 49),
            job().load(ofDriver(0.84, 0.84, 0.84), 100),
            // Others keep the machine busy, and the run has little to do.
            job().load(ofDriver(0.02, 1.0, 1.0), 100),
            job().load(ofDriver(0.84, 0.84, 1.0), 100),
            job().load(ofExecutors(0.09, 1), 100)),
        of(
            "rows_not_ready",
            // In the last second nothing is left to be sent.
            job().held(HeldBy.ROWS, 0.405),
            job().held(HeldBy.ROWS, 0.403),
            job().held(HeldBy.ROWS, 0.9).allOut()),
        of(
            "concurrency_limit",
            job().held(HeldBy.CONCURRENCY, 0.5).concurrency(4),
            job().held(HeldBy.CONCURRENCY, 0.49).concurrency(4),
            job().held(HeldBy.CONCURRENCY, 0.9),
            // The endpoint has no room for more.
            job().held(HeldBy.CONCURRENCY, 0.9).concurrency(4).attempts(20, 0, 0)),
        of("token_limit", tokens(0.5, 31_000), tokens(0.49, 31_000)),
        of(
            "request_limit",
            job().held(HeldBy.REQUESTS, 0.5).perMinute(600.0, null),
            job().held(HeldBy.REQUESTS, 0.49).perMinute(600.0, null)));
  }

  @TestFactory
  List<DynamicTest> eachRuleSpeaksAloneFromItsThresholdOn() {
    return thresholds().stream()
        .map(
            threshold ->
                DynamicTest.dynamicTest(
                    threshold.code(),
                    () -> {
                      assertThat(threshold.speaks().codes()).containsExactly(threshold.code());
                      for (HealthyJob silent : threshold.silent()) {
                        assertThat(silent.codes()).isEmpty();
                      }
                    }))
        .toList();
  }

  @Test
  void everyRuleHasItsThresholdsTestedHere() {
    assertThat(thresholds().stream().map(Threshold::code))
        .containsExactlyElementsOf(Findings.rules().stream().map(Rule::code).toList());
  }

  @Test
  void nothingIsSaidOfARunThatSentForLessThanTenSeconds() {
    HealthyJob held = job().held(HeldBy.REQUESTS, 1).perMinute(600.0, null);

    assertThat(held.sendingFor(10).codes()).containsExactly("request_limit");
    assertThat(held.sendingFor(9.8).codes()).isEmpty();
  }

  @Test
  void aFindingNamesAnOptionOfItsRuleAndNoOther() {
    for (Threshold threshold : thresholds()) {
      Finding finding = threshold.speaks().findings().get(0);
      Rule rule =
          Findings.rules().stream().filter(r -> r.code().equals(finding.code())).findFirst().get();
      assertThat(rule.options().stream().map(Option::flag).toList())
          .as(finding.code())
          .containsAll(finding.option().stream().toList());
    }
  }

  @Test
  void theOptionToChangeIsTheOneThatTheFiguresSpeakOf() {
    HealthyJob embeddings = job().held(HeldBy.REQUESTS, 1).perMinute(600.0, null);
    embeddings.with(EndpointOptions.ENDPOINT, "/v1/embeddings").with(RateOptions.EMBED_BATCH, "1");

    assertThat(option(embeddings)).isEqualTo("--embed-batch");
    assertThat(option(embeddings.with(RateOptions.EMBED_BATCH, "64")))
        .isEqualTo("--requests-per-minute");
    assertThat(option(job().attempts(300, 0, 0).concurrency(256))).isEqualTo("--concurrency");
    assertThat(option(job().attempts(300, 0, 0).with(RateOptions.TOKENS_PER_MINUTE, "1000")))
        .isEqualTo("--tokens-per-minute");
    assertThat(option(job().load(late(9000), 100))).isEqualTo("--output");
    assertThat(option(job().load(late(9000), 100).with(InputOutputOptions.FLUSH_INTERVAL, "20s")))
        .isEqualTo("--flush-interval");
  }

  @Test
  void attemptsWithoutAnAnswerAreForTheTimeOutOnlyWhereItIsNearToWhatRowsTake() {
    HealthyJob lost = job().mayHaveRun(40).rowsTook(Duration.ofSeconds(20));

    assertThat(option(lost))
        .as("with the time-out that nobody gave")
        .isEqualTo("--retry-ambiguous");
    assertThat(option(lost.with(RetryOptions.REQUEST_TIMEOUT, "2m")))
        .isEqualTo("--retry-ambiguous");
    assertThat(option(lost.with(RetryOptions.REQUEST_TIMEOUT, "60s")))
        .isEqualTo("--request-timeout");
  }

  private static String option(HealthyJob job) {
    return job.findings().get(0).option().orElse("none");
  }

  @Test
  void cutOffAnswersAreSaidOfTheKindThatTheyGoWith() {
    HealthyJob job = job().marks(new MarkCounts(60, 0, 0));

    assertThat(job.findings().get(0).evidence())
        .isEqualTo("60 of 1,000 answers, finish_reason length.");
    assertThat(job.cutOff(CHAT, 900, 5).cutOff(VISION, 100, 55).findings().get(0).evidence())
        .isEqualTo(
            "60 of 1,000 answers, finish_reason length; most are of model \"b\" with images: 55 of 100 rows, against 5 of 900 others.");
  }

  @Test
  void theKindThatFailsIsNamedByAllThatItHasInCommon() {
    HealthyJob job = job().kind(CHAT, 500, 1).kind(VISION, 40, 30);

    assertThat(job.findings())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.sentence())
                  .isEqualTo(
                      "75 % of the rows of model \"b\" with images failed, of all others 0.2 %.");
              assertThat(found.evidence())
                  .isEqualTo("30 of 40 rows, against 1 of 500 others, such as \"row-of-b\".");
            });
    assertThat(
            job()
                .kind(CHAT, 500, 0)
                .kind(new RowKind("/v1/chat/completions", "c", true, false), 20, 18)
                .kind(VISION, 20, 20)
                .findings()
                .get(0)
                .sentence())
        .isEqualTo("95 % of the rows with images failed, of all others 0 %.");
  }

  private static Load late(long lagMillis) {
    return new Load(Processors.UNKNOWN, Processors.UNKNOWN, lagMillis);
  }

  private static Load ofDriver(double own, @Nullable Double wanted, @Nullable Double machine) {
    return new Load(new Processors(own, wanted, machine), Processors.UNKNOWN, 0);
  }

  private static Load ofExecutors(double own, double machine) {
    return new Load(new Processors(0.2, 0.2, 0.2), new Processors(own, own, machine), 0);
  }

  @Test
  void aBusyMachineIsThatOfTheDriverOrThoseOfTheExecutors() {
    assertThat(job().load(ofDriver(0.4, 0.9, 0.9), 100).findings().get(0).evidence())
        .isEqualTo(
            "90 % of the processors were in use, 40 % by the run itself (medians over the run).");
    assertThat(job().load(ofExecutors(0.1, 0.85), 50).findings().get(0).sentence())
        .isEqualTo("The machines of the executors were at their limit, not the endpoint.");
  }

  @Test
  void ofAnEarlierVersionsRecordingTheProcessAloneTellsOfABusyMachine() {
    assertThat(job().load(ofDriver(0.85, null, null), 50).codes()).containsExactly("busy_machine");
    assertThat(job().load(ofDriver(0.84, null, null), 100).codes()).isEmpty();
  }

  @Test
  void aBusyMachineIsNotWhatHoldsARunThatTheEndpointsLimitHolds() {
    HealthyJob limited = job().held(HeldBy.REQUESTS, 0.6).perMinute(600.0, null);

    assertThat(limited.load(ofDriver(0.9, 1.0, 1.0), 100).codes()).containsExactly("request_limit");
  }

  @Test
  void theWeightierComesFirst() {
    HealthyJob bad = job().held(HeldBy.REQUESTS, 0.9).perMinute(600.0, null);
    bad.failed("context_length_exceeded", 100).marks(new MarkCounts(500, 0, 0));

    assertThat(bad.codes()).containsExactly("one_error", "cut_off_answers", "request_limit");
  }

  @Test
  void sentencesHoldTheFigures() {
    Finding finding = job().held(HeldBy.REQUESTS, 0.97).perMinute(6000.0, null).findings().get(0);

    assertThat(finding.sentence())
        .isEqualTo("The limit of 6,000 requests a minute held the run for 97 % of its time.");
    assertThat(finding.evidence()).isEqualTo("600 rows a minute were settled, 10 % of the limit.");
  }

  @Test
  void ofAJobWithoutARecordingOnlyItsCountsAreLookedAt() {
    assertThat(
            Findings.of(
                job().marks(new MarkCounts(500, 0, 0)).held(HeldBy.ROWS, 1).record(),
                JobCourse.NONE))
        .extracting(Finding::code)
        .containsExactly("cut_off_answers");
  }
}

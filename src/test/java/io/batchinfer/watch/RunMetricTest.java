package io.batchinfer.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.Cost;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.ProcessReading;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.Totals;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunMetricTest {
  private static final List<RunMetric> ATTEMPTS =
      List.of(
          RunMetric.ATTEMPTS_ANSWERED,
          RunMetric.ATTEMPTS_REFUSED,
          RunMetric.ATTEMPTS_LOST,
          RunMetric.ATTEMPTS_FAILED);

  private static ProcessReading reading(long[] meanings) {
    Progress progress =
        new Progress(
            10,
            3,
            14,
            Usage.NONE,
            Collections.emptySortedMap(),
            LatencyHistogram.NONE,
            250,
            ProcessorTime.NONE);
    Usage used = new Usage(100, 20, 0, 0, new Cost(7, 0));
    return new ProcessReading(new Totals(meanings, 0, used, progress), 4, 5);
  }

  private static Map<RunMetric, Long> shown(ProcessReading reading) {
    Map<RunMetric, Long> shown = new EnumMap<>(RunMetric.class);
    for (RunMetric metric : RunMetric.values()) {
      shown.put(metric, metric.of(reading));
    }
    return shown;
  }

  @Test
  void everyNumberIsReadFromWhatTheProcessCounts() {
    long[] meanings = new long[StatusMeaning.values().length];
    meanings[StatusMeaning.ANSWERED.ordinal()] = 8;
    meanings[StatusMeaning.THROTTLED.ordinal()] = 2;
    meanings[StatusMeaning.OVERLOADED.ordinal()] = 1;
    meanings[StatusMeaning.TIMED_OUT.ordinal()] = 6;
    meanings[StatusMeaning.SERVER_ERROR.ordinal()] = 9;

    assertThat(shown(reading(meanings)))
        .containsOnly(
            Map.entry(RunMetric.ROWS_SUCCEEDED, 7L),
            Map.entry(RunMetric.ROWS_FAILED, 3L),
            Map.entry(RunMetric.ATTEMPTS_ANSWERED, 8L),
            Map.entry(RunMetric.ATTEMPTS_REFUSED, 3L),
            Map.entry(RunMetric.ATTEMPTS_LOST, 6L),
            Map.entry(RunMetric.ATTEMPTS_FAILED, 9L),
            Map.entry(RunMetric.TOKENS_INPUT, 100L),
            Map.entry(RunMetric.TOKENS_OUTPUT, 20L),
            Map.entry(RunMetric.COST_BILLIONTHS, 7L),
            Map.entry(RunMetric.REQUESTS_ACTIVE, 4L),
            Map.entry(RunMetric.REQUESTS_WAITING, 5L),
            Map.entry(RunMetric.JOURNAL_LAG, 250L));
  }

  @Test
  void everyAttemptIsCountedOnce() {
    for (StatusMeaning meaning : StatusMeaning.values()) {
      long[] meanings = new long[StatusMeaning.values().length];
      meanings[meaning.ordinal()] = 1;
      ProcessReading reading = reading(meanings);

      assertThat(ATTEMPTS.stream().mapToLong(metric -> metric.of(reading)).sum())
          .as("%s", meaning)
          .isOne();
    }
  }

  @Test
  void aProcessThatEndedKeepsItsCountsAlone() {
    long[] meanings = new long[StatusMeaning.values().length];
    Arrays.fill(meanings, 1);
    ProcessReading reading = reading(meanings);
    ProcessReading ended = reading.ended();

    for (RunMetric metric : RunMetric.values()) {
      assertThat(metric.of(ended))
          .as("%s", metric)
          .isEqualTo(metric.kind() == RunMetric.Kind.COUNTER ? metric.of(reading) : 0);
      assertThat(metric.of(ended.plus(reading)) - metric.of(ended))
          .as("%s of both", metric)
          .isEqualTo(metric.of(reading));
    }
  }
}

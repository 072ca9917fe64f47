package io.batchinfer.report.page;

import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.HeldBy;
import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RowSketch;
import io.batchinfer.course.RowSketch.Answers;
import io.batchinfer.course.RowSketch.Example;
import io.batchinfer.course.RowSketch.SlowRow;
import io.batchinfer.course.RunCourse;
import io.batchinfer.course.SplitTime;
import io.batchinfer.course.StatedLimit;
import io.batchinfer.course.TokenHistogram;
import io.batchinfer.findings.Finding;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Counts;
import io.batchinfer.model.EngineFigures;
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
import io.batchinfer.model.Savings;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A made-up job of a million rows, always the same, whose report has every section: its first run
 * was killed, its endpoint was away for two minutes, and its rows and endpoint are hostile.
 */
public final class SampleJob {
  static final long ROWS = 1_000_000;

  /** What a row may be called that wants to be more than text. */
  public static final String HOSTILE =
      "\"><script>alert(1)</script><img src=x onerror=alert(2)>'&\u202e";

  private static final Instant START = Instant.parse("2026-03-02T08:15:00Z");
  private static final int STEP_SECONDS = 15;
  private static final int FIRST_RUN = 52;
  private static final int SECOND_RUN = 110;
  private static final double PER_SECOND = 500;

  private SampleJob() {}

  /** The job's report. */
  public static String page() {
    return ReportPage.write(record(), course(), List.of(), findings());
  }

  /** What the documentation's picture shows of the report, with the style that it is shown in. */
  public static String pictured() {
    String page = page();
    return page.substring(0, page.indexOf("<section id=\"spread\""));
  }

  public static JobRecord record() {
    return record(JobStatus.COMPLETED, "");
  }

  public static JobRecord record(JobStatus status, String message) {
    SortedMap<String, Long> errors = new TreeMap<>();
    errors.put("context_length_exceeded", 3_870L);
    errors.put("request_timeout", 412L);
    errors.put("invalid_json_line", 37L);
    errors.put(HOSTILE, 5L);
    long failed = errors.values().stream().mapToLong(Long::longValue).sum();
    Usage usage =
        new Usage(
            412_883_104L, 96_210_447L, 188_000_000L, 0, Cost.of(96_410_000_000L), 12_690_000_000L);
    Counts counts =
        new Counts(
            new RowCounts(ROWS - failed, failed),
            new Spent(
                1_013_206, 61, usage, new Savings(Cost.of(3_214_000_000L), Cost.NONE, Cost.NONE)),
            new MarkCounts(21_440, 18, 3, 31_207, 0),
            errors);
    return new JobRecord(
        new Definition(
            "batch_4bf0a7c19d2e4f6b8a1c3d5e7f90b2d4",
            "s3a://answers/reviews/march",
            new TreeMap<>(),
            new TreeMap<>(
                Map.of(
                    "input", "s3a://requests/reviews/march/*.jsonl",
                    "model", "mistral-small-latest",
                    "endpoint", "/v1/chat/completions",
                    "base-url", "http://10.0.4.11:8000\nhttp://10.0.4.12:8000",
                    "prompt", "a prompt that must not be shown",
                    "via", "interactive")),
            Map.of("team", "reviews " + HOSTILE)),
        Generation.FIRST,
        Standing.of(status, message, status.exitCode()),
        new Rows(ROWS, 344_200, counts),
        new Costs(Optional.of(96.41), "USD", List.of()),
        new Times(
            START,
            Optional.of(START.plusSeconds(3_600)),
            STEP_SECONDS * SECOND_RUN,
            STEP_SECONDS * SECOND_RUN + 21),
        List.of(engine("executor-1", 412, 1), engine("executor-2", 390, 0)));
  }

  private static EngineFigures engine(String name, long tokensPerSecond, int restarts) {
    return new EngineFigures(
        name,
        EngineFigures.State.ENDED,
        "",
        List.of("GPU-0"),
        START,
        Duration.ofSeconds(48),
        Duration.ofMinutes(31),
        restarts,
        480_000,
        tokensPerSecond * 1_812);
  }

  public static JobCourse course() {
    List<CoursePoint> first = new ArrayList<>();
    Going going = new Going();
    for (int i = 1; i <= FIRST_RUN; i++) {
      first.add(going.next(START.plusSeconds((long) i * STEP_SECONDS), i));
    }
    long resumed = going.settled;
    Instant again = START.plusSeconds(1_500);
    going.newRun();
    List<CoursePoint> second = new ArrayList<>();
    for (int i = 1; i <= SECOND_RUN; i++) {
      second.add(going.next(again.plusSeconds((long) i * STEP_SECONDS), FIRST_RUN + i));
    }
    List<StatedLimit> limits =
        List.of(
            new StatedLimit("requests_per_minute", 30_000, "--requests-per-minute"),
            new StatedLimit("concurrency", 1_024, "found"));
    RunCourse.Program program = new RunCourse.Program("1.4.0", "yarn", 2);
    return new JobCourse(
        List.of(
            new RunCourse(
                "000001-20260302T081500Z",
                program,
                START,
                RunCourse.Ending.NOT_YET,
                ROWS,
                0,
                limits,
                first),
            new RunCourse(
                "000002-20260302T084000Z",
                program,
                again,
                new RunCourse.Ending(
                    again.plusSeconds(SECOND_RUN * STEP_SECONDS + 20), JobStatus.COMPLETED, null),
                ROWS,
                resumed,
                limits,
                second)),
        0,
        rows(),
        63,
        List.of(
            new SplitTime(17, 16_000, 412_300),
            new SplitTime(3, 16_000, 220_100),
            new SplitTime(44, 15_872, 198_700),
            new SplitTime(8, 16_000, 191_000)));
  }

  /** Sums as they grow. */
  private static final class Going {
    private long settled;
    private long failed;
    private long sent;
    private long refused;
    private long lost;

    void newRun() {
      refused = 0;
      lost = 0;
    }

    CoursePoint next(Instant at, int step) {
      boolean away = step >= 100 && step < 108;
      double wave = 1 + 0.03 * Math.sin(step * 1.7);
      double ramp = Math.min(1, step <= FIRST_RUN ? step / 6.0 : (step - FIRST_RUN) / 3.0);
      long rows =
          away
              ? 0
              : Math.min(ROWS - settled, (long) (0.97 * PER_SECOND * STEP_SECONDS * wave * ramp));
      settled += rows;
      failed += rows / 230;
      sent += rows + rows / 76;
      refused += step % 9 == 0 ? 64 : 3;
      lost += away && step < 102 ? 120 : 0;
      int allowed = (int) Math.min(600, 64 + 30 * ramp * step);
      SortedMap<HeldBy, Long> held = new TreeMap<>();
      if (away) {
        held.put(HeldBy.ENDPOINT_AWAY, STEP_SECONDS * 1000L);
      } else if (ramp < 1) {
        held.put(HeldBy.CONCURRENCY, STEP_SECONDS * 1000L);
      } else if (step % 31 == 0) {
        held.put(HeldBy.PAUSE, STEP_SECONDS * 600L);
        held.put(HeldBy.REQUESTS, STEP_SECONDS * 400L);
      } else if (rows < 1_000) {
        held.put(HeldBy.ROWS, STEP_SECONDS * 1000L);
      } else {
        held.put(HeldBy.REQUESTS, STEP_SECONDS * 1000L);
      }
      return new CoursePoint(
          at.toEpochMilli(),
          new CoursePoint.Rows(
              settled, failed, new TreeMap<>(Map.of("context_length_exceeded", failed))),
          new CoursePoint.Attempts(sent, refused, lost, refused / 40),
          new CoursePoint.Moment(
              away ? 1 : (int) (allowed * 0.62 * wave),
              away ? allowed : 18 + step % 7,
              2,
              held.lastKey()),
          new CoursePoint.Limits(allowed, 60 * PER_SECOND, null),
          new CoursePoint.Spent(settled * 413, settled * 96, settled * 0.0000964),
          away || rows == 0
              ? null
              : new CoursePoint.Latencies(
                  610 * wave, 1_480 * wave + 2 * step, 3_900 * wave + 6 * step),
          new CoursePoint.Load(
              new CoursePoint.Processors(0.21 * wave, null, null),
              new CoursePoint.Processors(0.48 * wave, null, null),
              120),
          held);
    }
  }

  /** Three batches: one that was read, one that is under way, and one that waits. */
  static List<ProviderBatch> batches() {
    long start = START.toEpochMilli();
    return List.of(
        new ProviderBatch(
            1,
            "batch_abc",
            "gpt-5-mini",
            50_000,
            Optional.of(start),
            Optional.of(new ProviderBatch.End(start + 3_600_000, 12, 4.25))),
        new ProviderBatch(
            2, "batch_def", "gpt-5-mini", 40_000, Optional.of(start + 60_000), Optional.empty()),
        new ProviderBatch(3, "", "", 1000, Optional.empty(), Optional.empty()));
  }

  private static RowSketch rows() {
    long[] latencies = bell(LatencyHistogram.CLASSES, 18.6, 2.4, 960_000);
    latencies[34] += 412;
    return new RowSketch(
        ROWS,
        new LatencyHistogram(latencies),
        new TokenHistogram(bell(TokenHistogram.CLASSES, 18.2, 1.8, 968_000)),
        new TokenHistogram(bell(TokenHistogram.CLASSES, 14, 1.5, 964_000)),
        List.of(31_207L, 955_600L, 11_480L, 1_302L, 361L, 50L),
        new TreeMap<>(Map.of("stop", 943_018L, "length", 21_440L, "content_filter", 18L)),
        new TreeMap<>(
            Map.of(
                "context_length_exceeded",
                List.of(
                    new Example(
                        "review-018842",
                        "This model's maximum context length is 32768 tokens. However, your messages resulted in 41210 tokens."),
                    new Example(
                        "review-104417",
                        "This model's maximum context length is 32768 tokens. However, your messages resulted in 36006 tokens.")),
                "request_timeout",
                List.of(new Example("review-700012", "No answer within 60 s.")),
                HOSTILE,
                List.of(new Example(HOSTILE, HOSTILE)))),
        List.of(
            new SlowRow("review-700012", 241_800, 4),
            new SlowRow("review-411093", 184_220, 3),
            new SlowRow(HOSTILE, 120_402, 3),
            new SlowRow("review-000871", 61_777, 2)),
        new TreeMap<>(
            Map.of(
                "http://10.0.4.11:8000", new Answers(642_118, 642_118L * 580),
                "http://10.0.4.12:8000", new Answers(322_210, 322_210L * 1_640))),
        new TreeMap<>(
            Map.of(
                "executor 1", new Answers(483_500, 483_500L * 880),
                "executor 2", new Answers(480_828, 480_828L * 902))));
  }

  private static long[] bell(int classes, double middle, double width, long total) {
    long[] counts = new long[classes];
    for (int i = 0; i < classes; i++) {
      double far = (i - middle) / width;
      counts[i] = Math.round(total * Math.exp(-far * far / 2) / (width * 2.5066));
    }
    return counts;
  }

  public static List<Finding> findings() {
    return List.of(
        new Finding(
            "bound_by_request_rate",
            "The limit of requests a minute held the job up nearly all the time.",
            "For 88 % of the time no more requests were allowed; 600 were allowed at once and 372 were under way.",
            "Ask the provider for a higher limit, and then state it:",
            Optional.of("--requests-per-minute")),
        new Finding(
            "slow_replica",
            "One replica is three times slower than the other.",
            "http://10.0.4.12:8000 took 1.6 s for an answer, http://10.0.4.11:8000 took 580 ms.",
            "Look at the machine and the load of the slower one.",
            Optional.empty()));
  }
}

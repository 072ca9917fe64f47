package io.batchinfer.report;

import io.batchinfer.model.Counts;
import io.batchinfer.model.JobRecord;
import java.util.Locale;
import java.util.Map;

/** The end of a run in words. */
public final class Summary {
  private Summary() {}

  /** Several lines, the last without a line end. */
  public static String of(JobRecord job) {
    Counts counts = job.counts();
    StringBuilder text = new StringBuilder();
    text.append("Job %s: %s".formatted(job.jobId(), job.status().word().replace('_', ' ')));
    line(
        text,
        "%,d requests: %,d succeeded, %,d failed, %,d open",
        job.totalRequests(),
        counts.succeeded(),
        counts.failed(),
        Math.max(0, job.totalRequests() - counts.settled()));
    for (Map.Entry<String, Long> error : counts.errors().entrySet()) {
      line(text, "  %s: %,d", error.getKey(), error.getValue());
    }
    if (job.resumedRequests() > 0) {
      line(
          text,
          "%,d of them were settled by an earlier run and not sent again",
          job.resumedRequests());
    }
    if (counts.truncated() > 0) {
      line(
          text,
          "%,d answers were cut off by their token limit (finish_reason length)",
          counts.truncated());
    }
    if (counts.mayHaveRun() > 0) {
      line(
          text,
          "%,d attempts got no answer but may have run, and may be on the bill",
          counts.mayHaveRun());
    }
    line(
        text,
        "%,d prompt and %,d completion tokens, cost %s",
        counts.usage().promptTokens(),
        counts.usage().completionTokens(),
        job.cost()
            .map(cost -> String.format(Locale.ROOT, "%.4f %s", cost, job.currency()))
            .orElse("unknown (no price for this model in conf/prices.conf)"));
    line(
        text,
        "%.1f s in all, %.1f s sending, %.1f requests/s",
        job.durationSeconds(),
        job.sendingSeconds(),
        job.requestsPerSecond());
    line(text, "Output: %s", job.output());
    if (!job.message().isEmpty()) {
      text.append('\n').append(job.message());
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append("\n  ").append(String.format(Locale.ROOT, format, values));
  }
}

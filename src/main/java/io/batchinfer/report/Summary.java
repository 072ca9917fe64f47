package io.batchinfer.report;

import io.batchinfer.model.Amount;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The end of a run in words. */
public final class Summary {
  private Summary() {}

  /** Several lines, the last without a line end. */
  public static String of(JobRecord job) {
    Counts counts = job.counts();
    StringBuilder text = new StringBuilder();
    // While it is planned, a job has no id yet.
    String name = job.jobId().isEmpty() ? "Job" : "Job " + job.jobId();
    text.append(name).append(": ").append(job.status().word().replace('_', ' '));
    if (job.status().isActive()) {
      progress(job).ifPresent(words -> line(text, "%s", words));
    }
    line(
        text,
        "%s: %,d succeeded, %,d failed, %,d open",
        Amount.of(job.totalRequests(), "request"),
        counts.succeeded(),
        counts.failed(),
        Math.max(0, job.totalRequests() - counts.settled()));
    for (Map.Entry<String, Long> error : counts.errors().entrySet()) {
      line(text, "  %s: %,d", error.getKey(), error.getValue());
    }
    RetryHint.of(job).ifPresent(words -> line(text, "%s", words));
    if (job.resumedRequests() > 0) {
      line(
          text,
          "%s by an earlier run and not sent again",
          Amount.of(job.resumedRequests(), "of them was settled", "of them were settled"));
    }
    copied(text, counts.marks().deduplicated(), "an equal row", counts.saved().deduplicated(), job);
    copied(text, counts.marks().reused(), "an earlier output", counts.saved().reused(), job);
    Cost byBatch = counts.saved().batch();
    if (byBatch.isKnown() && byBatch.billionths() > 0) {
      line(text, "The provider's batch service took off %.4f %s", byBatch.amount(), job.currency());
    }
    Cost ofCache = Cost.of(counts.usage().cacheDiscount());
    if (ofCache.billionths() > 0) {
      line(
          text,
          "%,d prompt tokens came from the endpoint's cache, which saved %.4f %s",
          counts.usage().cachedTokens(),
          ofCache.amount(),
          job.currency());
    }
    if (counts.marks().truncated() > 0) {
      line(
          text,
          "%s cut off by %s token limit (finish_reason length)",
          Amount.of(counts.marks().truncated(), "answer was", "answers were"),
          counts.marks().truncated() == 1 ? "its" : "their");
    }
    if (counts.marks().filtered() > 0) {
      line(
          text,
          "%s cut or withheld by the endpoint's content filter (finish_reason content_filter)",
          Amount.of(counts.marks().filtered(), "answer was", "answers were"));
    }
    if (counts.marks().repaired() > 0) {
      line(
          text,
          "%s no strict JSON and read leniently (NaN and Infinity as null, bad UTF-8 as U+FFFD)",
          Amount.of(counts.marks().repaired(), "answer was", "answers were"));
    }
    if (counts.mayHaveRun() > 0) {
      line(
          text,
          "%s got no answer but may have run, and may be on the bill",
          Amount.of(counts.mayHaveRun(), "attempt"));
    }
    line(
        text,
        "%,d prompt and %s, cost %s",
        counts.usage().promptTokens(),
        Amount.of(counts.usage().completionTokens(), "completion token"),
        job.cost()
            .map(cost -> String.format(Locale.ROOT, "%.4f %s", cost, job.currency()))
            .orElse(unknownCost(job)));
    line(text, "%s", times(job));
    line(text, "Output: %s", job.output());
    if (!job.message().isEmpty()) {
      text.append('\n').append(job.message());
    }
    return text.toString();
  }

  /** What was not paid. */
  private static void copied(
      StringBuilder text, long rows, String source, Cost saved, JobRecord job) {
    if (rows > 0) {
      line(
          text,
          "%s the answer of %s and cost nothing%s",
          Amount.of(rows, "row has", "rows have"),
          source,
          saved.isKnown() && saved.billionths() > 0
              ? String.format(Locale.ROOT, ", which saved %.4f %s", saved.amount(), job.currency())
              : "");
    }
  }

  /** {@code 326 of 3,600 (9 %), 33/s, 1 min 39 s left}; empty before the rows are counted. */
  public static Optional<String> progress(JobRecord job) {
    if (job.totalRequests() == 0) {
      return Optional.empty();
    }
    Pace pace = Pace.of(job);
    List<String> words = new ArrayList<>(List.of(pace.position()));
    if (pace.perSecond() > 0) {
      words.add(pace.rate());
    }
    pace.timeLeft().ifPresent(words::add);
    return Optional.of(String.join(", ", words));
  }

  /** A job that settled nothing has no rate. */
  private static String times(JobRecord job) {
    String all = String.format(Locale.ROOT, "%.1f s in all", job.times().durationSeconds());
    return job.requestsPerSecond() == 0
        ? all
        : all
            + String.format(
                Locale.ROOT,
                ", %.1f s sending, %.1f requests/s",
                job.times().sendingSeconds(),
                job.requestsPerSecond());
  }

  private static String unknownCost(JobRecord job) {
    String models =
        job.costs().unpricedModels().stream()
            .map(model -> model.isEmpty() ? "requests without a model" : "\"" + model + "\"")
            .collect(Collectors.joining(", "));
    return models.isEmpty()
        ? "unknown (some answers have no price in conf/prices.conf)"
        : "unknown (no price for " + models + " in conf/prices.conf)";
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append("\n  ").append(String.format(Locale.ROOT, format, values));
  }
}

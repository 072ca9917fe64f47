package io.batchinfer.compare;

import io.batchinfer.compare.Comparison.Ending;
import io.batchinfer.json.JsonLine;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A comparison as one JSON object on one line. */
public final class ComparisonJson {
  private ComparisonJson() {}

  /**
   * The object.
   *
   * @param exitCode with which the command ends
   */
  public static String of(Comparison comparison, int exitCode) {
    ComparisonTotals totals = comparison.totals();
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("status", comparison.isDifferent() ? "different" : "same");
    object.put("exit_code", exitCode);
    object.put("both", totals.both());
    for (Verdict verdict : Verdict.values()) {
      object.put(verdict.key(), totals.rows(verdict));
    }
    object.put("first", side(comparison.first(), totals.first()));
    object.put("second", side(comparison.second(), totals.second()));
    object.put("endings", endings(totals));
    object.put("settings", settings(comparison));
    object.put("examples", examples(comparison));
    return JsonLine.of(object);
  }

  private static Map<String, @Nullable Object> side(
      Comparison.Side side, ComparisonTotals.Sum both) {
    JobRecord job = side.output().job();
    Counts counts = side.output().counts();
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("output", side.output().folder().root());
    object.put("job_id", job.jobId());
    object.put("status", job.status().word());
    object.put("whole", side.output().isWhole());
    object.put("total_requests", side.output().plan().rows());
    object.put("succeeded_requests", counts.succeeded());
    object.put("failed_requests", counts.failed());
    object.put("not_compared", side.unnamed());
    object.put("attempts", counts.attempts());
    object.put("prompt_tokens", counts.usage().promptTokens());
    object.put("completion_tokens", counts.usage().completionTokens());
    object.put("cost", cost(counts.usage().cost()));
    object.put("currency", job.currency());
    object.put("sending_seconds", job.times().sendingSeconds());
    object.put("requests_per_second", job.requestsPerSecond());
    Map<String, @Nullable Object> inBoth = new LinkedHashMap<>();
    inBoth.put("prompt_tokens", both.promptTokens());
    inBoth.put("completion_tokens", both.completionTokens());
    inBoth.put("cost", cost(both.cost()));
    object.put("rows_in_both", inBoth);
    return object;
  }

  private static @Nullable Double cost(Cost cost) {
    return cost.isKnown() ? cost.amount() : null;
  }

  private static List<Map<String, Object>> endings(ComparisonTotals totals) {
    List<Map<String, Object>> list = new ArrayList<>();
    totals
        .changes()
        .forEach(
            (change, rows) ->
                list.add(Map.of("first", change.from(), "second", change.to(), "rows", rows)));
    return list;
  }

  private static List<Map<String, String>> settings(Comparison comparison) {
    return comparison.settings().stream()
        .map(
            setting ->
                Map.of(
                    "name", setting.name(), "first", setting.first(), "second", setting.second()))
        .toList();
  }

  private static List<Map<String, @Nullable Object>> examples(Comparison comparison) {
    List<Map<String, @Nullable Object>> list = new ArrayList<>();
    for (Comparison.Example example : comparison.examples()) {
      Map<String, @Nullable Object> object = new LinkedHashMap<>();
      object.put("kind", example.verdict().key().toLowerCase(Locale.ROOT));
      object.put("custom_id", example.customId());
      object.put("first", ending(example.first()));
      object.put("second", ending(example.second()));
      list.add(object);
    }
    return list;
  }

  private static @Nullable Map<String, String> ending(Optional<Ending> ending) {
    return ending
        .map(present -> Map.of("ending", present.word(), "text", present.text()))
        .orElse(null);
  }
}

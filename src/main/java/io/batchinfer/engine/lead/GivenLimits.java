package io.batchinfer.engine.lead;

import io.batchinfer.config.Option;
import io.batchinfer.config.RateOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.course.StatedLimit;
import io.batchinfer.quota.QuotaLimits;
import java.util.ArrayList;
import java.util.List;

/** The limits that a run was given, and who gave them. */
final class GivenLimits {
  private static final String FOUND = "found";

  private GivenLimits() {}

  static List<StatedLimit> of(ResolvedOptions options) {
    List<StatedLimit> limits = new ArrayList<>();
    add(limits, options, RateOptions.CONCURRENCY, "concurrency");
    if (limits.isEmpty()) {
      limits.add(new StatedLimit("concurrency", QuotaLimits.MOST_ADAPTIVE, FOUND));
    }
    add(limits, options, RateOptions.REQUESTS_PER_MINUTE, "requests_per_minute");
    add(limits, options, RateOptions.TOKENS_PER_MINUTE, "tokens_per_minute");
    return limits;
  }

  private static void add(
      List<StatedLimit> limits,
      ResolvedOptions options,
      Option<? extends Number> option,
      String name) {
    options
        .find(option)
        .ifPresent(
            value ->
                limits.add(new StatedLimit(name, value.doubleValue(), options.source(option))));
  }
}

package io.batchinfer.config;

import java.util.List;

/** Where a job ends with what it has. */
public final class JobLimitOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.JOB_LIMITS);

  public static final Option<Double> TIMEOUT_HOURS =
      OPTIONS.add(
          Option.decimal("timeout-hours")
              .moreThan(0.0)
              .defaultsByCircumstance("none for run, 24 for jobs of the service"),
          "Hours from its creation after which a job ends with what it has.");

  public static final Option<Double> MAX_FAILURE_RATE =
      OPTIONS.add(
          Option.decimal("max-failure-rate").defaultsTo(0.1).atLeast(0.0).atMost(1.0),
          "Share of failed rows, from 0 to 1, above which a job counts as failed.");

  public static final Option<Double> MAX_COST =
      OPTIONS.add(
          Option.decimal("max-cost").moreThan(0.0),
          "Most the job may cost over all its runs, in the currency of the price list.");

  public static final Option<Long> MAX_TOTAL_TOKENS =
      OPTIONS.add(
          Option.longNumber("max-total-tokens").atLeast(1L),
          "Most prompt and completion tokens the job may use over all its runs.");

  private JobLimitOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }
}

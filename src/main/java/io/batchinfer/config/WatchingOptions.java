package io.batchinfer.config;

import java.util.List;

/** Where a run can be watched while it lasts. */
public final class WatchingOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.WATCHING);

  public static final Option<String> OTLP_ENDPOINT =
      OPTIONS.add(
          Option.text("otlp-endpoint", "URL", CollectorAddress::normalised),
          "OpenTelemetry collector that is told of the run in OTLP over HTTP, such as"
              + " http://otel:4318; /v1/metrics and /v1/traces are added. No text of"
              + " requests or answers goes there.");

  public static final Option<String> OTLP_HEADERS_ENV =
      OPTIONS.add(
          Option.text("otlp-headers-env", "VARIABLE", KeyOptions::variableName)
              .defaultsTo(CollectorAddress.USUAL_HEADERS),
          "Environment variable of the driver that holds headers for the collector:"
              + " name=value, commas between several, values encoded as in a URL.");

  public static final Option<Integer> PAGE =
      OPTIONS.add(
          Option.integer("page").bare(0).atLeast(0).atMost(65_535),
          "Serves the run's report while it lasts, at an address of this machine that the start"
              + " line names, with a button that cancels it. On that port; without one, on any"
              + " that is free.");

  private WatchingOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }
}

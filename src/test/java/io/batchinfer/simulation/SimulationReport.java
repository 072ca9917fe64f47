package io.batchinfer.simulation;

import io.batchinfer.simulation.Scenario.Bound;
import io.batchinfer.simulation.Scenario.Measure;
import java.util.List;
import java.util.Locale;

/** The page that shows what came of all scenarios. */
final class SimulationReport {
  private SimulationReport() {}

  /** A scenario and what came of it. */
  record Played(Scenario scenario, Judge judge) {}

  static String render(List<Played> all) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Simulation

        This page is generated. The shared limits, the retries and the circuit breakers of the program run against
        modelled endpoints in virtual time; the endpoints' own log is the judge. Every row also has to be settled once
        and only once, and may be worked on once more than its one unclear resend for each process that was lost with
        it. A figure whose promise is not kept yet is marked; all others are asserted.

        | scenario | executors | rows | lost | settled twice | worked on too often | worked on again |
        | --- | ---: | ---: | ---: | ---: | ---: | ---: |
        """);
    for (Played played : all) {
      Judge judge = played.judge();
      text.append(
          "| %s | %d | %d | %s | %d | %d | %d |\n"
              .formatted(
                  played.scenario().name,
                  played.scenario().executors,
                  judge.rows(),
                  lost(played),
                  judge.settledTwice(),
                  judge.workedOnTooOften(),
                  judge.workedOnAgain()));
    }
    all.forEach(played -> section(text, played));
    return text.toString();
  }

  private static String lost(Played played) {
    Judge judge = played.judge();
    if (judge.stopReason().isPresent()) {
      return judge.lost() + " left open by the stop";
    }
    return "" + judge.lost();
  }

  private static void section(StringBuilder text, Played played) {
    Scenario scenario = played.scenario();
    text.append("\n## ").append(scenario.name).append("\n\n").append(scenario.story).append("\n\n");
    text.append("| figure | value | promised | |\n| --- | ---: | ---: | --- |\n");
    for (Measure measure : scenario.measures) {
      double value = measure.figure().applyAsDouble(played.judge());
      text.append(
          "| %s | %s | %s | %s |\n"
              .formatted(
                  measure.what(),
                  number(value),
                  promised(measure),
                  measure.holds(value) ? "" : "not yet"));
    }
    played
        .judge()
        .stopReason()
        .ifPresent(reason -> text.append("\nThe job stopped with `").append(reason).append("`.\n"));
  }

  private static String promised(Measure measure) {
    return measure.bound() == Bound.NONE
        ? ""
        : (measure.bound() == Bound.AT_LEAST ? "at least " : "at most ") + number(measure.limit());
  }

  static String number(double value) {
    if (Double.isInfinite(value)) {
      return "never";
    }
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%d", (long) value)
        : String.format(Locale.ROOT, "%.3f", value);
  }
}

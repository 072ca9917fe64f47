package io.batchinfer.compare;

import io.batchinfer.model.Amount;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The figures of two outputs side by side, in the words that texts and pages share. */
final class ComparisonFigures {
  private final Comparison comparison;

  ComparisonFigures(Comparison comparison) {
    this.comparison = comparison;
  }

  /** A figure of both outputs. */
  record Figure(String name, String first, String second) {}

  /** What the outputs as a whole say, as far as they are there. */
  List<Figure> ofOutputs() {
    List<Figure> figures = new ArrayList<>();
    figures.add(of("rows", side -> number(side.output().rows())));
    figures.add(of("succeeded", side -> number(counts(side).succeeded())));
    figures.add(of("failed", side -> number(counts(side).failed())));
    figures.add(of("attempts", side -> number(counts(side).attempts())));
    figures.add(of("prompt tokens", side -> number(counts(side).usage().promptTokens())));
    figures.add(of("completion tokens", side -> number(counts(side).usage().completionTokens())));
    figures.add(
        of("cost", side -> cost(counts(side).usage().cost(), side.output().job().currency())));
    figures.add(
        of(
            "seconds of sending, last run",
            side -> decimal(side.output().job().times().sendingSeconds())));
    figures.add(
        of(
            "requests a second, last run",
            side -> decimal(side.output().job().requestsPerSecond())));
    return figures;
  }

  /** What the rows that both have took in either. */
  List<Figure> ofBoth() {
    ComparisonTotals totals = comparison.totals();
    return List.of(
        new Figure(
            "prompt tokens",
            number(totals.first().promptTokens()),
            number(totals.second().promptTokens())),
        new Figure(
            "completion tokens",
            number(totals.first().completionTokens()),
            number(totals.second().completionTokens())),
        new Figure(
            "cost",
            cost(totals.first().cost(), comparison.first().output().job().currency()),
            cost(totals.second().cost(), comparison.second().output().job().currency())));
  }

  private Figure of(String name, Function<Comparison.Side, String> value) {
    return new Figure(name, value.apply(comparison.first()), value.apply(comparison.second()));
  }

  private static Counts counts(Comparison.Side side) {
    return side.output().counts();
  }

  static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String decimal(double number) {
    return String.format(Locale.ROOT, "%,.1f", number);
  }

  private static String cost(Cost cost, String currency) {
    return cost.isKnown()
        ? String.format(Locale.ROOT, "%.4f %s", cost.amount(), currency)
        : "unknown";
  }

  /** In one sentence, how the outputs stand to each other. */
  String headline() {
    ComparisonTotals totals = comparison.totals();
    long both = totals.both();
    if (both == 0) {
      return "No row of the one output has the custom_id of a row of the other.";
    }
    long alike = totals.rows(Verdict.SAME) + totals.rows(Verdict.FAILED_ALIKE);
    return "%s in both outputs; %s (%s) ended alike in both."
        .formatted(Amount.of(both, "row is", "rows are"), number(alike), percent(alike, both));
  }

  /** A share without pretending: what is not all is never 100 %. */
  static String percent(long part, long whole) {
    if (whole == 0) {
      return "0 %";
    }
    double percent = 100.0 * part / whole;
    if (part < whole && percent > 99.9) {
      return "more than 99.9 %";
    }
    if (part > 0 && percent < 0.1) {
      return "less than 0.1 %";
    }
    return String.format(
        Locale.ROOT, percent == Math.rint(percent) ? "%.0f %%" : "%.1f %%", percent);
  }

  /** Sentences about what was not compared. */
  List<String> remarks() {
    List<String> remarks = new ArrayList<>();
    remark("first", comparison.first(), remarks);
    remark("second", comparison.second(), remarks);
    return remarks;
  }

  private static void remark(String name, Comparison.Side side, List<String> remarks) {
    ComparedOutput output = side.output();
    JobRecord job = output.job();
    if (!output.isWhole()) {
      remarks.add(
          "The %s output is not finished (%s): %s of its %s %s published and compared. What it does not have yet counts as no difference."
              .formatted(
                  name,
                  job.status().word().replace('_', ' '),
                  number(output.rows()),
                  Amount.of(output.plan().rows(), "row"),
                  output.rows() == 1 ? "is" : "are"));
    }
    if (side.unnamed() > 0) {
      remarks.add(
          "In the %s output %s no custom_id, or that of an earlier row, and cannot be compared."
              .formatted(name, Amount.of(side.unnamed(), "row has", "rows have")));
    }
  }
}

package io.batchinfer.compare;

import io.batchinfer.compare.Comparison.Ending;
import io.batchinfer.compare.Comparison.Example;
import io.batchinfer.compare.ComparisonFigures.Figure;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A comparison as text for a terminal. */
public final class ComparisonText {
  private static final int LONGEST_VALUE = 60;

  private ComparisonText() {}

  /** Several lines, the last without a line end. */
  public static String of(Comparison comparison) {
    ComparisonFigures figures = new ComparisonFigures(comparison);
    StringBuilder text = new StringBuilder();
    line(text, "First:  %s", comparison.first().output().folder().root());
    line(text, "Second: %s", comparison.second().output().folder().root());
    figures.remarks().forEach(remark -> line(text, "%s", remark));
    line(text, "%s", figures.headline());
    for (Verdict verdict : Verdict.values()) {
      long rows = comparison.rows(verdict);
      if (rows > 0 || verdict == Verdict.SAME || verdict == Verdict.CHANGED) {
        line(text, "  %-20s %,13d", verdict.words(), rows);
      }
    }
    for (Map.Entry<ComparisonTotals.Change, Long> change :
        comparison.totals().changes().entrySet()) {
      line(
          text,
          "    %s, then %s: %,d",
          visible(change.getKey().from()),
          visible(change.getKey().to()),
          change.getValue());
    }
    table(text, "Rows in both", figures.ofBoth());
    table(text, "All rows", figures.ofOutputs());
    for (Comparison.Setting setting : comparison.settings()) {
      line(
          text,
          "Option %s: %s, then %s",
          setting.name(),
          shortened(setting.first()),
          shortened(setting.second()));
    }
    examples(text, comparison.examples());
    text.setLength(text.length() - 1);
    return text.toString();
  }

  private static void table(StringBuilder text, String title, List<Figure> figures) {
    line(text, "%-29s %18s %18s", title, "first", "second");
    for (Figure figure : figures) {
      line(text, "  %-27s %18s %18s", figure.name(), figure.first(), figure.second());
    }
  }

  private static void examples(StringBuilder text, List<Example> examples) {
    Verdict shown = null;
    for (Example example : examples) {
      if (example.verdict() != shown) {
        shown = example.verdict();
        line(text, "Rows %s, for example", heading(shown));
      }
      line(text, "  %s", visible(example.customId()));
      ending(text, "first: ", example.first());
      ending(text, "second:", example.second());
    }
  }

  private static String heading(Verdict verdict) {
    return switch (verdict) {
      case SAME -> "with the same answer";
      case CHANGED -> "with another answer";
      case FAILED_ALIKE -> "that failed alike";
      case ENDED_OTHERWISE -> "that ended otherwise";
      case ONLY_FIRST -> "only in the first";
      case ONLY_SECOND -> "only in the second";
    };
  }

  private static void ending(StringBuilder text, String side, Optional<Ending> ending) {
    ending.ifPresent(
        present ->
            line(
                text,
                "    %s %s%s",
                side,
                present.word().equals("succeeded") ? "" : visible(present.word()) + ": ",
                visible(present.text())));
  }

  private static String shortened(String value) {
    if (value.isEmpty()) {
      return "none";
    }
    String visible = visible(value);
    return visible.length() <= LONGEST_VALUE ? visible : visible.substring(0, LONGEST_VALUE) + "…";
  }

  /** What a model wrote must not steer the terminal that shows it. */
  private static String visible(String text) {
    StringBuilder visible = new StringBuilder(text.length());
    text.codePoints()
        .map(
            c ->
                Character.isISOControl(c)
                        || Character.getType(c) == Character.FORMAT
                        || Character.getType(c) == Character.LINE_SEPARATOR
                    ? ' '
                    : c)
        .forEach(visible::appendCodePoint);
    return visible.toString();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(java.util.Locale.ROOT, format, values)).append('\n');
  }
}

package io.batchinfer.compare;

import static io.batchinfer.compare.ComparisonFigures.number;
import static io.batchinfer.compare.ComparisonFigures.percent;

import io.batchinfer.compare.Comparison.Ending;
import io.batchinfer.compare.Comparison.Example;
import io.batchinfer.compare.ComparisonFigures.Figure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A comparison as one HTML page that loads nothing from anywhere: light and dark, for screen and
 * paper, each chart with a sentence and its figures as a table.
 */
public final class ComparisonPage {
  private static final String STYLE = "comparison.css";

  /** The table below says the same, so the drawing is none for those who hear the page. */
  private static final String BARS = "<div class=\"bars\" aria-hidden=\"true\">\n";

  private final Comparison comparison;
  private final ComparisonFigures figures;
  private final StringBuilder html = new StringBuilder();

  private ComparisonPage(Comparison comparison) {
    this.comparison = comparison;
    this.figures = new ComparisonFigures(comparison);
  }

  /** The whole page. */
  public static String of(Comparison comparison) {
    return new ComparisonPage(comparison).page();
  }

  private String page() {
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n")
        .append("<title>Two outputs compared</title>\n<style>\n")
        .append(style())
        .append("</style>\n</head>\n<body>\n<main>\n<h1>Two outputs compared</h1>\n");
    html.append("<p>First: ").append(escaped(root(comparison.first()))).append("</p>\n");
    html.append("<p>Second: ").append(escaped(root(comparison.second()))).append("</p>\n");
    figures
        .remarks()
        .forEach(remark -> html.append("<p>").append(escaped(remark)).append("</p>\n"));
    verdicts();
    endings();
    table("What the rows in both took", figures.ofBoth());
    lengths();
    table("The outputs as a whole", figures.ofOutputs());
    settings();
    examples();
    html.append("</main>\n</body>\n</html>\n");
    return html.toString();
  }

  private static String style() {
    try (InputStream in = ComparisonPage.class.getResourceAsStream(STYLE)) {
      return new String(Objects.requireNonNull(in, STYLE).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String root(Comparison.Side side) {
    return side.output().folder().root();
  }

  private void verdicts() {
    html.append("<h2>Rows</h2>\n<figure>\n<figcaption>")
        .append(escaped(figures.headline()))
        .append("</figcaption>\n");
    long most = 1;
    long all = 0;
    for (Verdict verdict : Verdict.values()) {
      most = Math.max(most, comparison.rows(verdict));
      all += comparison.rows(verdict);
    }
    html.append(BARS);
    for (Verdict verdict : Verdict.values()) {
      bar(verdict.words(), comparison.rows(verdict), most, "one");
    }
    html.append("</div>\n<table>\n<caption>Rows by how they stand to each other</caption>\n")
        .append("<tr><th scope=\"col\">row</th><th scope=\"col\" class=\"n\">rows</th>")
        .append("<th scope=\"col\" class=\"n\">share</th></tr>\n");
    for (Verdict verdict : Verdict.values()) {
      long rows = comparison.rows(verdict);
      row(verdict.words(), number(rows), percent(rows, all));
    }
    html.append("</table>\n</figure>\n");
  }

  private void endings() {
    if (comparison.totals().changes().isEmpty()) {
      return;
    }
    html.append("<h2>Rows that ended otherwise</h2>\n<div class=\"wide\"><table>\n")
        .append("<caption>How they ended in the first output and in the second</caption>\n")
        .append("<tr><th scope=\"col\">first</th><th scope=\"col\">second</th>")
        .append("<th scope=\"col\" class=\"n\">rows</th></tr>\n");
    for (Map.Entry<ComparisonTotals.Change, Long> change :
        comparison.totals().changes().entrySet()) {
      html.append("<tr><td>")
          .append(escaped(change.getKey().from()))
          .append("</td><td>")
          .append(escaped(change.getKey().to()))
          .append("</td><td class=\"n\">")
          .append(number(change.getValue()))
          .append("</td></tr>\n");
    }
    html.append("</table></div>\n");
  }

  private void table(String title, List<Figure> rows) {
    html.append("<h2>")
        .append(title)
        .append("</h2>\n<table>\n<tr><th scope=\"col\">figure</th><th scope=\"col\" class=\"n\">")
        .append("first</th><th scope=\"col\" class=\"n\">second</th></tr>\n");
    rows.forEach(figure -> row(figure.name(), figure.first(), figure.second()));
    html.append("</table>\n");
  }

  private void row(String name, String first, String second) {
    html.append("<tr><th scope=\"row\">")
        .append(escaped(name))
        .append("</th><td class=\"n\">")
        .append(escaped(first))
        .append("</td><td class=\"n\">")
        .append(escaped(second))
        .append("</td></tr>\n");
  }

  /** How long the answers are. */
  private void lengths() {
    AnswerLengths first = comparison.totals().first().completions();
    AnswerLengths second = comparison.totals().second().completions();
    List<Integer> bins = binsOf(first, second);
    if (bins.isEmpty()) {
      return;
    }
    html.append("<h2>Length of the answers</h2>\n<figure>\n<figcaption>")
        .append(escaped(lengthsInWords(first, second)))
        .append("<span class=\"key one\"></span>first<span class=\"key two\"></span>second")
        .append("</figcaption>\n");
    long most = 1;
    for (int bin : bins) {
      most = Math.max(most, Math.max(first.count(bin), second.count(bin)));
    }
    html.append(BARS);
    for (int bin : bins) {
      bar(AnswerLengths.label(bin), first.count(bin), most, "one");
      bar("", second.count(bin), most, "two");
    }
    html.append("</div>\n<table>\n<caption>Answers by their completion tokens</caption>\n")
        .append("<tr><th scope=\"col\">completion tokens</th><th scope=\"col\" class=\"n\">first")
        .append("</th><th scope=\"col\" class=\"n\">second</th></tr>\n");
    for (int bin : bins) {
      row(AnswerLengths.label(bin), number(first.count(bin)), number(second.count(bin)));
    }
    html.append("</table>\n</figure>\n");
  }

  /** From the first bin that has an answer to the last; none where no answer reports tokens. */
  private static List<Integer> binsOf(AnswerLengths first, AnswerLengths second) {
    int from = AnswerLengths.BINS;
    int to = 0;
    for (int bin = 0; bin < AnswerLengths.BINS; bin++) {
      if (first.count(bin) + second.count(bin) > 0) {
        from = Math.min(from, bin);
        to = bin;
      }
    }
    List<Integer> bins = new ArrayList<>();
    for (int bin = from; bin <= to && to > 0; bin++) {
      bins.add(bin);
    }
    return bins;
  }

  private static String lengthsInWords(AnswerLengths first, AnswerLengths second) {
    int one = first.medianBin();
    int other = second.medianBin();
    if (one < 0 || other < 0) {
      return "Only one of the outputs has answers to rows that both have.";
    }
    return one == other
        ? "The middle answer has %s completion tokens in both outputs."
            .formatted(AnswerLengths.label(one))
        : "The middle answer has %s completion tokens in the first output and %s in the second."
            .formatted(AnswerLengths.label(one), AnswerLengths.label(other));
  }

  private void bar(String label, long value, long most, String kind) {
    html.append(
        String.format(
            Locale.ROOT,
            "<span>%s</span><span class=\"%s\" style=\"width:%.1f%%%s\"></span><span>%s</span>\n",
            escaped(label),
            kind,
            100.0 * value / most,
            value == 0 ? ";min-width:0" : "",
            number(value)));
  }

  private void settings() {
    List<Comparison.Setting> settings = comparison.settings();
    if (settings.isEmpty()) {
      return;
    }
    html.append("<h2>Options that differ</h2>\n<div class=\"wide\"><table>\n")
        .append("<tr><th scope=\"col\">option</th><th scope=\"col\">first</th>")
        .append("<th scope=\"col\">second</th></tr>\n");
    for (Comparison.Setting setting : settings) {
      html.append("<tr><th scope=\"row\">")
          .append(escaped(setting.name()))
          .append("</th><td>")
          .append(escaped(setting.first()))
          .append("</td><td>")
          .append(escaped(setting.second()))
          .append("</td></tr>\n");
    }
    html.append("</table></div>\n");
  }

  private void examples() {
    Verdict shown = null;
    for (Example example : comparison.examples()) {
      if (example.verdict() != shown) {
        shown = example.verdict();
        html.append("<h2>Examples: ").append(shown.words()).append("</h2>\n");
      }
      html.append("<section class=\"example\"><h3>")
          .append(escaped(example.customId()))
          .append("</h3>\n");
      ending("First", example.first());
      ending("Second", example.second());
      html.append("</section>\n");
    }
  }

  private void ending(String side, Optional<Ending> ending) {
    ending.ifPresent(
        present ->
            html.append("<p class=\"soft\">")
                .append(side)
                .append(": ")
                .append(escaped(present.word()))
                .append("</p><pre>")
                .append(escaped(present.text()))
                .append("</pre>\n"));
  }

  /** A text as HTML shows it; what a model wrote is never markup. */
  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(Character.isISOControl(c) && c != '\n' && c != '\t' ? ' ' : c);
      }
    }
    return escaped.toString();
  }
}

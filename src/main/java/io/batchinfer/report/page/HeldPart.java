package io.batchinfer.report.page;

import io.batchinfer.course.HeldBy;
import io.batchinfer.report.page.Steps.Step;
import io.batchinfer.report.page.Table.Column;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What bounded the rate of a job: as a band over time, and as shares of the time. */
final class HeldPart {
  private static final int BAND = 28;
  private static final double MILLIS = 1e3;
  private static final double WORTH_SAYING = 0.01;

  private final Steps steps;

  HeldPart(Steps steps) {
    this.steps = steps;
  }

  /** Empty where nothing was measured. */
  Optional<Html> figure() {
    List<Map.Entry<HeldBy, Long>> held =
        steps.held().entrySet().stream()
            .filter(entry -> entry.getValue() > 0)
            .sorted(Map.Entry.<HeldBy, Long>comparingByValue(Comparator.reverseOrder()))
            .toList();
    double all = held.stream().mapToLong(Map.Entry::getValue).sum();
    if (all <= 0) {
      return Optional.empty();
    }
    Table table =
        new Table(
            "What bounded the rate, as a table",
            List.of(Column.words("Bounded by"), Column.number("Time"), Column.number("Share")));
    List<Figure.Key> keys = new ArrayList<>();
    for (Map.Entry<HeldBy, Long> entry : held) {
      double share = entry.getValue() / all;
      table.row(
          List.of(
              words(entry.getKey()), Words.seconds(entry.getValue() / MILLIS), Words.share(share)));
      keys.add(
          new Figure.Key(
              words(entry.getKey()) + " " + Words.share(share), style(entry.getKey()), "block"));
    }
    Figure figure = new Figure("held", "What bounded the rate", says(held, all), keys, table);
    return Optional.of(figure.html(band(figure)));
  }

  private static String says(List<Map.Entry<HeldBy, Long>> held, double all) {
    HeldBy most = held.get(0).getKey();
    double share = held.get(0).getValue() / all;
    StringBuilder says = new StringBuilder();
    says.append(
        most == HeldBy.NONE
            ? "For %s of the time nothing held the requests up".formatted(Words.share(share))
            : "For %s of the time it was %s".formatted(Words.share(share), inSentence(most)));
    held.stream()
        .skip(1)
        .filter(entry -> entry.getValue() / all >= WORTH_SAYING)
        .forEach(
            entry ->
                says.append(
                    ", for %s %s"
                        .formatted(
                            Words.share(entry.getValue() / all), inSentence(entry.getKey()))));
    return says.append('.').toString();
  }

  private Html band(Figure figure) {
    Html svg = Plot.open(figure.titleId(), figure.sentenceId(), BAND);
    int begin = 0;
    List<Step> all = steps.all();
    for (int i = 1; i <= all.size(); i++) {
      if (i == all.size() || all.get(i).mostlyHeldBy() != all.get(begin).mostlyHeldBy()) {
        HeldBy by = all.get(begin).mostlyHeldBy();
        double from = begin == 0 ? 0 : steps.frame().at()[begin - 1];
        double to = steps.frame().at()[i - 1];
        svg.open(
            "rect",
            "class",
            style(by),
            "x",
            Words.percent(steps.frame().share(from)),
            "width",
            Words.percent(steps.frame().share(to - from)),
            "y",
            "0",
            "height",
            Integer.toString(BAND));
        svg.element(
            "title", "%s to %s: %s".formatted(PacePart.clock(from), PacePart.clock(to), words(by)));
        svg.close("rect");
        begin = i;
      }
    }
    svg.add(TimeChart.timeMarks(steps.frame(), BAND));
    return svg.close("svg");
  }

  private static String words(HeldBy by) {
    return switch (by) {
      case REQUESTS -> "Limit of requests";
      case TOKENS -> "Limit of tokens";
      case CONCURRENCY -> "Requests at once";
      case PAUSE -> "Pause for the endpoint";
      case ENDPOINT_AWAY -> "Endpoint away";
      case ROWS -> "No row ready";
      case NONE -> "Nothing";
    };
  }

  private static String inSentence(HeldBy by) {
    return switch (by) {
      case REQUESTS -> "the limit of requests a minute";
      case TOKENS -> "the limit of tokens a minute";
      case CONCURRENCY -> "the number of requests allowed at once";
      case PAUSE -> "a pause that the endpoint had asked for";
      case ENDPOINT_AWAY -> "an endpoint that did not answer at all";
      case ROWS -> "the lack of rows that were ready to be sent";
      case NONE -> "nothing";
    };
  }

  private static String style(HeldBy by) {
    return "held-" + by.word().replace('_', '-');
  }
}

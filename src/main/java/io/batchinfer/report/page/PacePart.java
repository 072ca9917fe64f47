package io.batchinfer.report.page;

import io.batchinfer.course.CoursePoint;
import io.batchinfer.report.page.Series.Kind;
import io.batchinfer.report.page.Table.Column;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a job went over time: charts of its rate, its requests under way, its tokens and the like.
 */
final class PacePart {
  private static final double MINUTE = 60;
  private static final double MILLIS = 1e3;

  private final Steps steps;

  PacePart(Steps steps) {
    this.steps = steps;
  }

  /** All charts that have anything to show, the most telling first. */
  List<Html> figures() {
    List<Html> figures = new ArrayList<>();
    if (!steps.isEmpty()) {
      rate().ifPresent(figures::add);
      new HeldPart(steps).figure().ifPresent(figures::add);
      underWay().ifPresent(figures::add);
      tokens().ifPresent(figures::add);
      latency().ifPresent(figures::add);
      trouble().ifPresent(figures::add);
      load().ifPresent(figures::add);
    }
    return figures;
  }

  private Optional<Html> rate() {
    double[] limits = steps.moments(point -> point.limits().requestsPerMinute());
    Series settled =
        new Series("Rows settled", "s1", Kind.AREA, steps.rates(point -> point.rows().settled()));
    Series sent =
        new Series("Requests sent", "s2", Kind.LINE, steps.rates(point -> point.attempts().sent()));
    Series limit =
        new Series(
            "Limit of requests",
            "s5",
            Kind.LIMIT,
            Arrays.stream(limits).map(v -> v / MINUTE).toArray());
    if (!settled.isPositive() && !sent.isPositive()) {
      return Optional.empty();
    }
    double mean = steps.meanRate(point -> point.rows().settled());
    StringBuilder says = new StringBuilder();
    says.append(
        "%s rows were settled each second on average over the whole time, %s at the busiest point."
            .formatted(Words.brief(mean), Words.brief(settled.max())));
    if (limit.isPositive()) {
      says.append(
          " The limit of requests was %s a second%s."
              .formatted(Words.brief(last(limit)), usedOf(sent, limit)));
    }
    List<Series> series = present(settled, differs(sent, settled) ? sent : null, limit);
    return Optional.of(figure("rate", "Rows per second", says.toString(), series, Words::brief));
  }

  /** How much of the limit the run used on average. */
  private String usedOf(Series sent, Series limit) {
    double used = 0;
    double allowed = 0;
    for (int i = 0; i < sent.values().length; i++) {
      double seconds = steps.all().get(i).seconds();
      if (!Double.isNaN(sent.values()[i]) && !Double.isNaN(limit.values()[i])) {
        used += sent.values()[i] * seconds;
        allowed += limit.values()[i] * seconds;
      }
    }
    return allowed <= 0 ? "" : ", of which %s was used".formatted(Words.share(used / allowed));
  }

  private Optional<Html> underWay() {
    Series inFlight =
        new Series("Under way", "s1", Kind.AREA, steps.moments(point -> point.moment().inFlight()));
    Series waiting =
        new Series(
            "Waiting for a permit",
            "s2",
            Kind.LINE,
            steps.moments(point -> point.moment().waiting()));
    Series limit =
        new Series(
            "Allowed at once",
            "s5",
            Kind.LIMIT,
            steps.moments(point -> point.limits().concurrency()));
    if (!inFlight.isPositive()) {
      return Optional.empty();
    }
    StringBuilder says = new StringBuilder();
    says.append(
        "%s requests were under way on average, %s at most."
            .formatted(Words.brief(mean(inFlight)), Words.count((long) inFlight.max())));
    if (limit.isKnown()) {
      says.append(
          " %s were allowed at once at the end.".formatted(Words.count((long) last(limit))));
    }
    List<Series> series = present(inFlight, waiting.isPositive() ? waiting : null, limit);
    return Optional.of(
        figure("under-way", "Requests under way", says.toString(), series, Words::brief));
  }

  private Optional<Html> tokens() {
    Series all =
        new Series(
            "All tokens",
            "s1",
            Kind.AREA,
            perMinute(point -> point.spent().promptTokens() + point.spent().completionTokens()));
    Series written =
        new Series(
            "Completion tokens",
            "s4",
            Kind.LINE,
            perMinute(point -> point.spent().completionTokens()));
    Series limit =
        new Series(
            "Limit of tokens",
            "s5",
            Kind.LIMIT,
            steps.moments(point -> point.limits().tokensPerMinute()));
    if (!all.isPositive()) {
      return Optional.empty();
    }
    StringBuilder says = new StringBuilder();
    says.append(
        "%s tokens a minute on average, %s at the busiest point."
            .formatted(
                Words.brief(
                    MINUTE
                        * steps.meanRate(
                            point ->
                                point.spent().promptTokens() + point.spent().completionTokens())),
                Words.brief(all.max())));
    if (limit.isKnown()) {
      says.append(
          " The limit was %s a minute%s; it counts what answers may use, not only what they used."
              .formatted(Words.brief(last(limit)), usedOf(all, limit)));
    }
    List<Series> series = present(all, written.isPositive() ? written : null, limit);
    return Optional.of(
        figure("tokens-over-time", "Tokens per minute", says.toString(), series, Words::brief));
  }

  private double[] perMinute(ToLongFunction<CoursePoint> sum) {
    return Arrays.stream(steps.rates(sum)).map(rate -> rate * MINUTE).toArray();
  }

  private Optional<Html> latency() {
    Series half =
        new Series(
            "Half of them below",
            "s1",
            Kind.LINE,
            steps.moments(latency(CoursePoint.Latencies::p50)));
    Series most =
        new Series(
            "95 % below", "s2", Kind.LINE, steps.moments(latency(CoursePoint.Latencies::p95)));
    Series almost =
        new Series(
            "99 % below", "s3", Kind.LINE, steps.moments(latency(CoursePoint.Latencies::p99)));
    if (!half.isPositive()) {
      return Optional.empty();
    }
    String says =
        "Half of the answers took less than %s at first and less than %s at the end; the slowest hundredth took up to %s at worst."
            .formatted(
                Words.millis(first(half)), Words.millis(last(half)), Words.millis(almost.max()));
    return Optional.of(
        figure(
            "latency-over-time",
            "How long answers took, over time",
            says,
            List.of(half, most, almost),
            Words::millis));
  }

  private static Steps.Of latency(ToDoubleFunction<CoursePoint.Latencies> of) {
    return point -> point.latencies() == null ? null : of.applyAsDouble(point.latencies());
  }

  private Optional<Html> trouble() {
    Series refused =
        new Series(
            "Refused for a limit", "s2", Kind.LINE, perMinute(point -> point.attempts().refused()));
    Series lost =
        new Series("Lost on the way", "s3", Kind.LINE, perMinute(point -> point.attempts().lost()));
    Series failed =
        new Series(
            "Failed otherwise", "s5", Kind.LINE, perMinute(point -> point.attempts().failed()));
    Series rows =
        new Series("Rows failed", "bad", Kind.LINE, perMinute(point -> point.rows().failed()));
    List<Series> series =
        present(positive(refused), positive(lost), positive(failed), positive(rows));
    if (series.isEmpty()) {
      return Optional.empty();
    }
    String says =
        series.stream()
                .map(
                    one -> "%s: %s a minute at worst".formatted(one.name(), Words.brief(one.max())))
                .collect(Collectors.joining("; "))
            + ".";
    return Optional.of(
        figure("trouble", "What went wrong, per minute", says, series, Words::brief));
  }

  private Optional<Html> load() {
    Series driver =
        new Series("Driver", "s1", Kind.LINE, steps.moments(point -> point.load().driver().own()));
    Series ofDriver =
        new Series(
            "The driver's whole machine",
            "s3",
            Kind.LINE,
            steps.moments(point -> point.load().driver().machine()));
    Series executors =
        new Series(
            "Executors on average",
            "s4",
            Kind.LINE,
            steps.moments(point -> point.load().executors().own()));
    Series ofExecutors =
        new Series(
            "The executors' whole machines",
            "s2",
            Kind.LINE,
            steps.moments(point -> point.load().executors().machine()));
    List<Series> series = present(driver, ofDriver, executors, ofExecutors);
    if (series.isEmpty()) {
      return Optional.empty();
    }
    String says =
        series.stream()
                .map(
                    one ->
                        "%s: %s of the machine's processors on average, %s at most"
                            .formatted(one.name(), Words.share(mean(one)), Words.share(one.max())))
                .collect(Collectors.joining("; "))
            + ".";
    return Optional.of(figure("load", "Processors in use", says, series, Words::share));
  }

  private Html figure(
      String id, String title, String says, List<Series> series, DoubleFunction<String> words) {
    TimeChart chart = new TimeChart(steps.frame(), series, words);
    Figure figure = new Figure(id, title, says, Figure.legend(series, chart), table(title, series));
    return figure.html(chart.draw(figure.titleId(), figure.sentenceId()));
  }

  private Table table(String title, List<Series> series) {
    List<Column> columns = new ArrayList<>(List.of(Column.words("Time at work")));
    series.forEach(one -> columns.add(Column.number(one.name())));
    Table table = new Table(title + ", as a table", columns);
    for (int i = 0; i < steps.frame().at().length; i++) {
      List<String> row = new ArrayList<>(List.of(clock(steps.frame().at()[i])));
      for (Series one : series) {
        row.add(number(one.values()[i]));
      }
      table.row(row);
    }
    return table;
  }

  /** {@code 0:05}, {@code 1:02:05}. */
  static String clock(double millis) {
    long seconds = Math.round(millis / MILLIS);
    long hours = seconds / 3600;
    return hours > 0
        ? String.format(Locale.ROOT, "%d:%02d:%02d", hours, seconds / 60 % 60, seconds % 60)
        : String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "–";
    }
    return value == Math.rint(value) || Math.abs(value) >= 1000
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.2f", value);
  }

  private static List<Series> present(@Nullable Series... series) {
    List<Series> present = new ArrayList<>();
    for (Series one : series) {
      if (one != null && one.isKnown()) {
        present.add(one);
      }
    }
    return present;
  }

  private static @Nullable Series positive(Series one) {
    return one.isPositive() ? one : null;
  }

  /** Whether the second line would not lie on the first. */
  private static boolean differs(Series one, Series other) {
    double most = Math.max(one.max(), other.max());
    for (int i = 0; i < one.values().length; i++) {
      if (Math.abs(one.values()[i] - other.values()[i]) > most / 50) {
        return true;
      }
    }
    return false;
  }

  private double mean(Series one) {
    double sum = 0;
    double time = 0;
    for (int i = 0; i < one.values().length; i++) {
      double seconds = steps.all().get(i).seconds();
      if (!Double.isNaN(one.values()[i])) {
        sum += one.values()[i] * seconds;
        time += seconds;
      }
    }
    return time == 0 ? 0 : sum / time;
  }

  private static double first(Series one) {
    return Arrays.stream(one.values()).filter(value -> !Double.isNaN(value)).findFirst().orElse(0);
  }

  private static double last(Series one) {
    return Arrays.stream(one.values())
        .filter(value -> !Double.isNaN(value))
        .reduce((earlier, later) -> later)
        .orElse(0);
  }
}

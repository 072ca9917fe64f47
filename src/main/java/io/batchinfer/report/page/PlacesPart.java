package io.batchinfer.report.page;

import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RowSketch.Answers;
import io.batchinfer.model.Amount;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.JobRecord;
import io.batchinfer.report.page.Table.Column;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** Executors, replicas and engines side by side. */
final class PlacesPart {
  private static final double MILLIS = 1e3;

  private final JobRecord job;
  private final JobCourse course;

  PlacesPart(JobRecord job, JobCourse course) {
    this.job = job;
    this.course = course;
  }

  /** What there is of each; a single process with a single replica is nothing to compare. */
  Html html() {
    List<Html> parts = new ArrayList<>();
    places(course.rows().replicas(), "Replicas", "replica").ifPresent(parts::add);
    places(course.rows().processes(), "Processes that send", "process").ifPresent(parts::add);
    engines().ifPresent(parts::add);
    return Parts.grid(parts);
  }

  private static Optional<Html> places(
      SortedMap<String, Answers> places, String title, String one) {
    if (places.size() < 2) {
      return Optional.empty();
    }
    long most = places.values().stream().mapToLong(Answers::count).max().orElse(1);
    long all = places.values().stream().mapToLong(Answers::count).sum();
    Table table =
        new Table(
            title,
            List.of(
                Column.words(title.equals("Replicas") ? "Replica" : "Process"),
                Column.number("Answers"),
                Column.bars("Answers, drawn"),
                Column.number("Mean time")));
    List<Map.Entry<String, Answers>> sorted =
        places.entrySet().stream()
            .sorted(
                Comparator.comparingLong((Map.Entry<String, Answers> e) -> -e.getValue().count()))
            .toList();
    for (Map.Entry<String, Answers> place : sorted) {
      table.cells(
          List.of(
              new Html().code(place.getKey()),
              new Html().text(Words.count(place.getValue().count())),
              Parts.bar((double) place.getValue().count() / Math.max(1, most), "s1"),
              new Html().text(Words.millis(place.getValue().meanMillis()))));
    }
    return Optional.of(Parts.card(title, says(places, one, all), table.html()));
  }

  private static String says(SortedMap<String, Answers> places, String one, long all) {
    List<Double> times =
        places.values().stream()
            .filter(place -> place.count() > 0)
            .map(Answers::meanMillis)
            .sorted()
            .toList();
    return times.isEmpty()
        ? "No answer came yet."
        : "%s came from %s. The mean time of an answer is %s at the fastest and %s at the slowest."
            .formatted(
                Amount.of(all, "answer"),
                Amount.of(places.size(), one, one.endsWith("s") ? one + "es" : one + "s"),
                Words.millis(times.get(0)),
                Words.millis(times.get(times.size() - 1)));
  }

  private Optional<Html> engines() {
    if (job.engines().isEmpty()) {
      return Optional.empty();
    }
    boolean gpus = job.engines().stream().anyMatch(engine -> !engine.gpus().isEmpty());
    List<Column> columns =
        new ArrayList<>(
            List.of(
                Column.words("Engine"),
                Column.words("State"),
                Column.number("Until ready"),
                Column.number("Up"),
                Column.number("Restarts"),
                Column.number("Answers"),
                Column.number("Tokens per second")));
    if (gpus) {
      columns.add(Column.number("GPU minutes"));
    }
    Table table = new Table("Engines", columns);
    for (EngineFigures engine : job.engines()) {
      List<Html> row = new ArrayList<>();
      row.add(new Html().code(engine.name()));
      row.add(state(engine));
      row.add(
          new Html()
              .text(
                  engine.idleBefore().isPresent()
                      ? "kept warm"
                      : engine.untilReady().isZero()
                          ? "–"
                          : Words.seconds(engine.untilReady().toMillis() / MILLIS)));
      row.add(new Html().text(Words.seconds(engine.up().toMillis() / MILLIS)));
      row.add(new Html().text(Words.count(engine.restarts())));
      row.add(new Html().text(Words.count(engine.requests())));
      row.add(new Html().text(Words.brief(engine.tokensPerSecond())));
      if (gpus) {
        row.add(new Html().text(Words.brief(engine.gpuMinutes())));
      }
      table.cells(row);
    }
    long restarts = job.engines().stream().mapToLong(EngineFigures::restarts).sum();
    long kept = job.engines().stream().filter(engine -> engine.idleBefore().isPresent()).count();
    String says =
        "The last run started %s%s; %s."
            .formatted(
                Amount.of(job.engines().size() - kept, "engine"),
                kept == 0 ? "" : " and took over %d that were kept warm".formatted(kept),
                restarts == 0
                    ? "none had to be started again"
                    : Amount.of(restarts, "restart was needed", "restarts were needed"));
    return Optional.of(Parts.wideCard("Engines", says, table.html()));
  }

  private static Html state(EngineFigures engine) {
    Html html = new Html().text(engine.state().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    if (!engine.words().isEmpty()) {
      html.text(": ").foreign(engine.words());
    }
    return html;
  }
}

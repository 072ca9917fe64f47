package io.batchinfer.report.page;

import io.batchinfer.course.JobCourse;
import io.batchinfer.model.Amount;
import io.batchinfer.model.JobRecord;
import io.batchinfer.report.page.ProviderBatch.End;
import io.batchinfer.report.page.Table.Column;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The batches of a job at its provider, on one time line. */
final class BatchesPart {
  private static final int MOST_DRAWN = 24;
  private static final int MOST_LISTED = 200;
  private static final double MILLIS = 1e3;

  private final JobRecord job;
  private final JobCourse course;
  private final List<ProviderBatch> batches;

  BatchesPart(JobRecord job, JobCourse course, List<ProviderBatch> batches) {
    this.job = job;
    this.course = course;
    this.batches = batches;
  }

  /** Empty where there are none. */
  Html html() {
    if (batches.isEmpty()) {
      return new Html();
    }
    List<ProviderBatch> drawn =
        batches.stream().filter(batch -> batch.createdMillis().isPresent()).toList();
    List<Figure.Key> keys = new ArrayList<>();
    if (!drawn.isEmpty()) {
      keys.add(new Figure.Key("From its creation until it was read", "s1", "block"));
      if (drawn.stream().anyMatch(batch -> batch.end().isEmpty())) {
        keys.add(new Figure.Key("Still at the provider", "s2", "block"));
      }
    }
    Figure figure = new Figure("batches-line", "Batches at the provider", says(), keys, table());
    TimeLine line = new TimeLine();
    drawn.stream()
        .skip(Math.max(0, drawn.size() - MOST_DRAWN))
        .forEach(batch -> line.add(bar(batch)));
    Html html = new Html();
    return html.add(figure.html(drawn.isEmpty() ? new Html() : line.draw(figure)));
  }

  private String says() {
    long read = batches.stream().filter(batch -> batch.end().isPresent()).count();
    long there =
        batches.stream()
            .filter(batch -> batch.end().isEmpty() && batch.createdMillis().isPresent())
            .count();
    long waiting = batches.size() - read - there;
    long unanswered =
        batches.stream().flatMap(batch -> batch.end().stream()).mapToLong(End::unanswered).sum();
    double cost =
        batches.stream().flatMap(batch -> batch.end().stream()).mapToDouble(End::cost).sum();
    return "%s with %s: %s read, %s at the provider, %s not there yet. %s of those that were read had no answer and were asked again.%s"
        .formatted(
            Amount.of(batches.size(), "batch", "batches"),
            Amount.of(batches.stream().mapToLong(ProviderBatch::rows).sum(), "row"),
            Words.count(read),
            Words.count(there),
            Words.count(waiting),
            Amount.of(unanswered, "row"),
            cost > 0 ? " They cost %s.".formatted(money(cost)) : "");
  }

  private String money(double cost) {
    return Words.money(cost, job.currency());
  }

  private TimeLine.Bar bar(ProviderBatch batch) {
    long from = batch.createdMillis().orElseThrow();
    long to = batch.end().map(End::millis).orElse(lastHeardAt());
    return new TimeLine.Bar(
        "no. " + batch.number(),
        from,
        Math.max(from, to),
        batch.end().isPresent() ? "s1" : "s2",
        "Batch %d, %s: %s".formatted(batch.number(), Amount.of(batch.rows(), "row"), state(batch)));
  }

  private long lastHeardAt() {
    return course.runs().stream()
        .mapToLong(run -> run.lastHeardAt().toEpochMilli())
        .max()
        .orElse(0);
  }

  private static String state(ProviderBatch batch) {
    if (batch.end().isPresent()) {
      return "read";
    }
    return batch.id().isEmpty() ? "not there yet" : "at the provider";
  }

  private Table table() {
    Table table =
        new Table(
            "Batches, as a table",
            List.of(
                Column.number("Batch"),
                Column.words("Id"),
                Column.words("Model"),
                Column.number("Rows"),
                Column.words("State"),
                Column.words("Created"),
                Column.number("Took"),
                Column.number("Without an answer"),
                Column.number("Cost")));
    batches.stream()
        .skip(Math.max(0, batches.size() - MOST_LISTED))
        .forEach(batch -> table.row(row(batch)));
    return table;
  }

  private List<String> row(ProviderBatch batch) {
    return List.of(
        Integer.toString(batch.number()),
        batch.id(),
        batch.model(),
        Words.count(batch.rows()),
        state(batch),
        batch.createdMillis().map(at -> Words.moment(Instant.ofEpochMilli(at))).orElse("–"),
        batch
            .end()
            .flatMap(
                end ->
                    batch
                        .createdMillis()
                        .map(from -> Words.seconds(Math.max(0, end.millis() - from) / MILLIS)))
            .orElse("–"),
        batch.end().map(end -> Words.count(end.unanswered())).orElse("–"),
        batch.end().map(end -> money(end.cost())).orElse("–"));
  }
}

package io.batchinfer.report.page;

import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RowSketch;
import io.batchinfer.model.Amount;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.MarkCounts;
import io.batchinfer.report.page.BarChart.Bar;
import io.batchinfer.report.page.Table.Column;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What answers were like: how many attempts they took, how they ended, what was odd about them. */
final class AnswersPart {
  private final JobRecord job;
  private final RowSketch rows;

  AnswersPart(JobRecord job, JobCourse course) {
    this.job = job;
    this.rows = course.rows();
  }

  Html html() {
    List<Html> parts = new ArrayList<>();
    attempts().ifPresent(parts::add);
    endings().ifPresent(parts::add);
    marks().ifPresent(parts::add);
    return Parts.grid(parts);
  }

  /** Only where rows took different numbers of attempts. */
  private Optional<Html> attempts() {
    List<Long> counts = rows.attempts();
    long all = counts.stream().mapToLong(Long::longValue).sum();
    long more = counts.stream().skip(2).mapToLong(Long::longValue).sum();
    if (more == 0) {
      return Optional.empty();
    }
    Table table =
        new Table(
            "Attempts for each row, as a table",
            List.of(Column.words("Attempts"), Column.number("Rows"), Column.number("Share")));
    List<Bar> bars = new ArrayList<>();
    for (int i = 0; i < counts.size(); i++) {
      String name = i == RowSketch.ATTEMPT_CLASSES - 1 ? i + " or more" : Integer.toString(i);
      table.row(
          List.of(name, Words.count(counts.get(i)), Words.share((double) counts.get(i) / all)));
      bars.add(
          new Bar(
              counts.get(i), "%s with %s: %s".formatted("Rows", name, Words.count(counts.get(i)))));
    }
    String says =
        "%s took more than one attempt (%s). The job sent %s in all.%s"
            .formatted(
                Amount.of(more, "row"),
                Words.share((double) more / all),
                Amount.of(job.counts().attempts(), "request"),
                mayHaveRun());
    Figure figure = new Figure("attempts", "Attempts for each row", says, List.of(), table);
    return Optional.of(
        figure.html(
            new BarChart(bars, BarChart.numbered(bars.size()), List.of())
                .draw(figure.titleId(), figure.sentenceId())));
  }

  private String mayHaveRun() {
    long may = job.counts().mayHaveRun();
    return may == 0
        ? ""
        : " %s got no answer but may have run, and may be on the bill."
            .formatted(Amount.of(may, "attempt"));
  }

  private Optional<Html> endings() {
    long all = rows.finishReasons().values().stream().mapToLong(Long::longValue).sum();
    if (all == 0) {
      return Optional.empty();
    }
    Table table =
        new Table(
            "Why answers ended",
            List.of(
                Column.words("finish_reason"),
                Column.number("Answers"),
                Column.number("Share"),
                Column.bars("Share, drawn")));
    List<Map.Entry<String, Long>> sorted =
        rows.finishReasons().entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
            .toList();
    for (Map.Entry<String, Long> reason : sorted) {
      double share = (double) reason.getValue() / all;
      table.cells(
          List.of(
              new Html().code(reason.getKey().isEmpty() ? "(none)" : reason.getKey()),
              new Html().text(Words.count(reason.getValue())),
              new Html().text(Words.share(share)),
              Parts.bar(share, "s1")));
    }
    String says =
        "%s of %s ended with %s."
            .formatted(
                Words.share((double) sorted.get(0).getValue() / all),
                Amount.of(all, "answer"),
                sorted.get(0).getKey());
    return Optional.of(Parts.card("Why answers ended", says, table.html()));
  }

  private Optional<Html> marks() {
    MarkCounts marks = job.counts().marks();
    Table table =
        new Table("Answers to look at", List.of(Column.words("What"), Column.number("Answers")));
    mark(table, "Cut off by their token limit", marks.truncated());
    mark(table, "Cut or withheld by a content filter", marks.filtered());
    mark(table, "No strict JSON, read leniently", marks.repaired());
    mark(table, "Attempts without an answer that may have run", job.counts().mayHaveRun());
    return table.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Parts.card(
                "Answers to look at",
                "What may not be what was wanted, in the results or on the bill.",
                table.html()));
  }

  private static void mark(Table table, String what, long count) {
    if (count > 0) {
      table.row(List.of(what, Words.count(count)));
    }
  }
}

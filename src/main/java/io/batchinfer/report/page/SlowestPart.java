package io.batchinfer.report.page;

import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RowSketch.SlowRow;
import io.batchinfer.course.SplitTime;
import io.batchinfer.model.Amount;
import io.batchinfer.report.page.Table.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rows and the splits that took longest. */
final class SlowestPart {
  private final JobCourse course;

  SlowestPart(JobCourse course) {
    this.course = course;
  }

  Html html() {
    List<Html> parts = new ArrayList<>();
    rows().ifPresent(parts::add);
    splits().ifPresent(parts::add);
    return Parts.grid(parts);
  }

  private Optional<Html> rows() {
    List<SlowRow> slowest = course.rows().slowest();
    if (slowest.isEmpty()) {
      return Optional.empty();
    }
    Table table =
        new Table(
            "Slowest rows",
            List.of(Column.words("custom_id"), Column.number("Time"), Column.number("Attempts")));
    for (SlowRow row : slowest) {
      table.cells(
          List.of(
              new Html().code(row.customId().isEmpty() ? "(none)" : row.customId()),
              new Html().text(Words.millis(row.millis())),
              new Html().text(Words.count(row.attempts()))));
    }
    String says =
        "The slowest row took %s with %s, from being ready to its outcome."
            .formatted(
                Words.millis(slowest.get(0).millis()),
                Amount.of(slowest.get(0).attempts(), "attempt"));
    return Optional.of(Parts.card("Slowest rows", says, table.html()));
  }

  /** A single split is nothing to compare. */
  private Optional<Html> splits() {
    List<SplitTime> slowest = course.slowestSplits();
    if (slowest.size() < 2) {
      return Optional.empty();
    }
    Table table =
        new Table(
            "Slowest splits",
            List.of(
                Column.number("Split"),
                Column.number("Time"),
                Column.number("Rows"),
                Column.bars("Time, drawn")));
    long most = Math.max(1, slowest.get(0).millis());
    for (SplitTime split : slowest) {
      table.cells(
          List.of(
              new Html().text(Integer.toString(split.split())),
              new Html().text(Words.millis(split.millis())),
              new Html().text(Words.count(split.rows())),
              Parts.bar((double) split.millis() / most, "s1")));
    }
    String says =
        "Of %s, split %d took longest: %s from its first row to its last."
            .formatted(
                Amount.of(course.sketchedSplits(), "published split"),
                slowest.get(0).split(),
                Words.millis(slowest.get(0).millis()));
    return Optional.of(Parts.card("Slowest splits", says, table.html()));
  }
}

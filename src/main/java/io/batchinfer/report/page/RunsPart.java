package io.batchinfer.report.page;

import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RunCourse;
import io.batchinfer.course.StatedLimit;
import io.batchinfer.model.Amount;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.report.page.Table.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The runs of a job on one time line, those that were killed included. */
final class RunsPart {
  private static final int MOST_DRAWN = 20;
  private static final double MILLIS = 1e3;

  private final JobRecord job;
  private final JobCourse course;

  RunsPart(JobRecord job, JobCourse course) {
    this.job = job;
    this.course = course;
  }

  /** Empty where no run is known. */
  Html html() {
    List<RunCourse> runs = course.runs();
    if (runs.isEmpty()) {
      return new Html();
    }
    List<Figure.Key> keys = new ArrayList<>();
    if (runs.size() > 1) {
      keys.add(new Figure.Key("At work", "s1", "block"));
      if (runs.stream().anyMatch(this::wasKilled)) {
        keys.add(new Figure.Key("Without an end: its process was killed", "bad", "block"));
      }
    }
    Figure figure = new Figure("time-line", "Runs of the job", says(), keys, table());
    Html html = new Html();
    return html.add(figure.html(runs.size() > 1 ? drawing(figure) : new Html()));
  }

  private String says() {
    List<RunCourse> runs = course.runs();
    long killed = runs.stream().filter(this::wasKilled).count();
    String left =
        course.runsLeftOut() == 0
            ? ""
            : " %s not kept."
                .formatted(Amount.of(course.runsLeftOut(), "older run is", "older runs are"));
    double seconds = runs.stream().mapToDouble(RunsPart::seconds).sum();
    return "%s worked on the job for %s in all%s.%s"
        .formatted(
            Amount.of(runs.size(), "run"),
            Words.seconds(seconds),
            killed == 0
                ? ""
                : "; %s without an end, as when a process is killed or a machine is lost"
                    .formatted(Amount.of(killed, "stopped", "stopped")),
            left);
  }

  private static double seconds(RunCourse run) {
    return Math.max(
        0, (run.lastHeardAt().toEpochMilli() - run.startedAt().toEpochMilli()) / MILLIS);
  }

  /** Whether a run said nothing of its end although it is not at work. */
  private boolean wasKilled(RunCourse run) {
    boolean newest = run.equals(course.runs().get(course.runs().size() - 1));
    return run.endedAt().isEmpty() && !(newest && job.status().isActive());
  }

  private Html drawing(Figure figure) {
    List<RunCourse> runs = course.runs();
    TimeLine line = new TimeLine();
    for (int i = Math.max(0, runs.size() - MOST_DRAWN); i < runs.size(); i++) {
      RunCourse run = runs.get(i);
      int number = course.runsLeftOut() + i + 1;
      line.add(
          new TimeLine.Bar(
              "run " + number,
              run.startedAt().toEpochMilli(),
              run.lastHeardAt().toEpochMilli(),
              wasKilled(run) ? "bad" : "s1",
              "Run %d: %s, %s".formatted(number, Words.seconds(seconds(run)), ending(run))));
    }
    return line.draw(figure);
  }

  private Table table() {
    Table table =
        new Table(
            "Runs, as a table",
            List.of(
                Column.number("Run"),
                Column.words("Started"),
                Column.number("Took"),
                Column.words("Ended"),
                Column.number("Rows settled"),
                Column.words("With"),
                Column.words("Limits")));
    for (int i = 0; i < course.runs().size(); i++) {
      RunCourse run = course.runs().get(i);
      table.row(
          List.of(
              Integer.toString(course.runsLeftOut() + i + 1),
              Words.moment(run.startedAt()),
              Words.seconds(seconds(run)),
              ending(run),
              Words.count(settled(run)),
              with(run),
              run.limits().stream().map(RunsPart::words).collect(Collectors.joining(", "))));
    }
    return table;
  }

  private String ending(RunCourse run) {
    if (wasKilled(run)) {
      return "killed, or lost with its machine";
    }
    if (run.endedAt().isEmpty()) {
      return "at work";
    }
    JobStatus status = run.ending().status();
    String reason = run.ending().reason();
    String word = status.word().replace('_', ' ');
    return reason == null || reason.isEmpty() ? word : word + ": " + reason;
  }

  private static long settled(RunCourse run) {
    List<CoursePoint> points = run.points();
    return points.isEmpty()
        ? 0
        : Math.max(0, points.get(points.size() - 1).rows().settled() - run.resumedRows());
  }

  private static String with(RunCourse run) {
    List<String> words = new ArrayList<>();
    if (!run.program().version().isEmpty()) {
      words.add("version " + run.program().version());
    }
    if (!run.program().master().isEmpty()) {
      words.add(run.program().master());
    }
    if (run.program().executors() > 0) {
      words.add(Amount.of(run.program().executors(), "process", "processes"));
    }
    return String.join(", ", words);
  }

  private static String words(StatedLimit limit) {
    return "%s %s (%s)"
        .formatted(limit.name().replace('_', ' '), Words.brief(limit.value()), limit.from());
  }
}

package io.batchinfer.report.page;

import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RunCourse;
import io.batchinfer.course.StatedLimit;
import io.batchinfer.model.Amount;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.report.page.Table.Column;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The runs of a job on one time line, those that were killed included. */
final class RunsPart {
  private static final int ROW = 22;
  private static final int MOST_DRAWN = 20;
  private static final int TIME_MARKS = 6;
  private static final double MILLIS = 1e3;

  /** A run of a second in a job of days is seen as well. */
  private static final double NARROWEST = 0.004;

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
    List<RunCourse> drawn = runs.subList(Math.max(0, runs.size() - MOST_DRAWN), runs.size());
    Instant begin = drawn.get(0).startedAt();
    double length =
        Math.max(
            1,
            drawn.stream().mapToLong(run -> run.lastHeardAt().toEpochMilli()).max().orElse(0)
                - begin.toEpochMilli());
    int height = drawn.size() * ROW;
    Html svg = new Html();
    svg.open(
        "svg",
        "class",
        "plot",
        "role",
        "img",
        "aria-labelledby",
        figure.titleId(),
        "aria-describedby",
        figure.sentenceId(),
        "height",
        Integer.toString(height + 24));
    List<Double> marks = Axis.ofTime(length, TIME_MARKS).marks();
    for (int i = 0; i < marks.size(); i++) {
      String x = Words.percent(marks.get(i) / length);
      svg.shape(
          "line", "class", "grid", "x1", x, "x2", x, "y1", "0", "y2", Integer.toString(height));
      svg.element(
          "text",
          marks.get(i) == 0 ? "0" : Words.millis(marks.get(i)),
          "class",
          i % 2 == 0 ? "tick" : "tick odd",
          "x",
          x,
          "y",
          Integer.toString(height + 20),
          "text-anchor",
          "middle");
    }
    for (int i = 0; i < drawn.size(); i++) {
      RunCourse run = drawn.get(i);
      double from = (run.startedAt().toEpochMilli() - begin.toEpochMilli()) / length;
      double width = Math.max(NARROWEST, seconds(run) * MILLIS / length);
      int number = course.runsLeftOut() + runs.size() - drawn.size() + i + 1;
      svg.element(
          "text",
          "run " + number,
          "class",
          "tick",
          "x",
          "-8",
          "y",
          Integer.toString(i * ROW + 15),
          "text-anchor",
          "end");
      svg.open(
          "rect",
          "class",
          wasKilled(run) ? "bad" : "s1",
          "x",
          Words.percent(Math.min(from, 1 - NARROWEST)),
          "width",
          Words.percent(width),
          "y",
          Integer.toString(i * ROW + 4),
          "height",
          Integer.toString(ROW - 8),
          "rx",
          "3");
      svg.element(
          "title", "Run %d: %s, %s".formatted(number, Words.seconds(seconds(run)), ending(run)));
      svg.close("rect");
    }
    return svg.close("svg");
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

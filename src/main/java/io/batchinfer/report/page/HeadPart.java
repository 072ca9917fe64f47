package io.batchinfer.report.page;

import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RunCourse;
import io.batchinfer.model.Amount;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.Usage;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The head of the page: what job it is, how it ended, how to go on, and the figures that count. */
final class HeadPart {
  private static final double MILLIS = 1e3;

  /** In a store of the service, a job's output is a folder in that of the job. */
  private static final Pattern SERVICE = Pattern.compile(".*/([^/]+)/run");

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  /** Options that say what was asked of whom; others may hold texts of prompts. */
  private static final Map<String, String> SETTINGS = new LinkedHashMap<>();

  static {
    SETTINGS.put("input", "Input");
    SETTINGS.put("model", "Model");
    SETTINGS.put("endpoint", "Endpoint");
    SETTINGS.put("base-url", "Sent to");
    SETTINGS.put("provider", "Provider");
    SETTINGS.put("via", "Via");
  }

  private final JobRecord job;
  private final JobCourse course;

  HeadPart(JobRecord job, JobCourse course) {
    this.job = job;
    this.course = course;
  }

  /** The name of the output folder; of a job of the service, and where it is not told, the id. */
  String title() {
    String path = job.output().replaceAll("/+$", "");
    Matcher service = SERVICE.matcher(path);
    if (service.matches() && path.contains("/workspaces/")) {
      return service.group(1);
    }
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.isEmpty() ? job.jobId() : name;
  }

  Html html() {
    Html html = new Html();
    html.open("header", "class", "head").open("div", "class", "title");
    html.open("div");
    html.element("p", "Report of a batch job", "class", "muted");
    html.open("h1").foreign(title()).close("h1").close("div");
    html.element("span", word(), "class", "badge " + tone());
    html.close("div");
    html.add(bar());
    html.open("dl", "class", "figures").add(figures()).close("dl");
    html.open("div", "class", "end " + tone());
    html.open("p").foreign(ending()).close("p");
    Html goOn = goOn();
    if (!goOn.isEmpty()) {
      html.open("p").add(goOn).close("p");
    }
    html.close("div");
    html.open("dl", "class", "fields").add(fields()).close("dl");
    return html.close("header");
  }

  private String word() {
    String word = job.status().word().replace('_', ' ');
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }

  /** The class of its colours. */
  private String tone() {
    if (job.status().isActive()) {
      return "going";
    }
    return switch (job.status()) {
      case COMPLETED -> job.counts().failed() == 0 ? "good" : "fair";
      case FAILED, STOPPED, STALLED -> "bad";
      default -> "fair";
    };
  }

  private Html bar() {
    Counts counts = job.counts();
    double all = Math.max(1, job.totalRequests());
    return new Html()
        .open("svg", "class", "meter rows", "height", "10", "aria-hidden", "true")
        .shape("rect", "class", "ground", "width", "100%", "height", "10")
        .shape(
            "rect",
            "class",
            "good",
            "width",
            Words.percent(counts.succeeded() / all),
            "height",
            "10")
        .shape(
            "rect",
            "class",
            "bad",
            "x",
            Words.percent(counts.succeeded() / all),
            "width",
            Words.percent(counts.failed() / all),
            "height",
            "10")
        .close("svg");
  }

  private Html figures() {
    Html html = new Html();
    Counts counts = job.counts();
    long open = Math.max(0, job.totalRequests() - counts.settled());
    double all = Math.max(1, job.totalRequests());
    html.add(Parts.figure("Rows", Words.count(job.totalRequests()), ""));
    html.add(
        Parts.figure(
            "Succeeded", Words.count(counts.succeeded()), Words.share(counts.succeeded() / all)));
    html.add(
        Parts.figure("Failed", Words.count(counts.failed()), Words.share(counts.failed() / all)));
    if (open > 0) {
      html.add(Parts.figure("Open", Words.count(open), Words.share(open / all)));
    }
    html.add(Parts.figure("Time", Words.seconds(secondsAtWork()), runs()));
    if (job.requestsPerSecond() > 0) {
      html.add(Parts.figure("Rows per second", Words.brief(job.requestsPerSecond()), ""));
    }
    Usage usage = counts.usage();
    if (usage.total() > 0) {
      html.add(
          Parts.figure(
              "Tokens",
              Words.brief(usage.total()),
              "%s in, %s out"
                  .formatted(
                      Words.brief(usage.promptTokens()), Words.brief(usage.completionTokens()))));
    }
    if (job.cost().isPresent() && (usage.total() > 0 || job.cost().get() > 0)) {
      String saved =
          CostPart.total(job)
              .map(amount -> Words.money(amount, job.currency()) + " saved")
              .orElse("");
      html.add(Parts.figure("Cost", Words.money(job.cost().get(), job.currency()), saved));
    }
    return html;
  }

  /** Of all runs that are known; otherwise of the last. */
  private double secondsAtWork() {
    double seconds =
        course.runs().stream()
            .mapToDouble(
                run ->
                    Math.max(0, run.lastHeardAt().toEpochMilli() - run.startedAt().toEpochMilli())
                        / MILLIS)
            .sum();
    return course.runs().size() < 2 ? job.times().durationSeconds() : seconds;
  }

  private Instant lastHeard() {
    List<RunCourse> runs = course.runs();
    return runs.isEmpty()
        ? job.times().startedAt().plusMillis((long) (job.times().durationSeconds() * MILLIS))
        : runs.get(runs.size() - 1).lastHeardAt();
  }

  private String runs() {
    int runs = course.runs().size() + course.runsLeftOut();
    return runs > 1 ? "in " + Amount.of(runs, "run") : "";
  }

  private String ending() {
    if (!job.message().isEmpty()) {
      return job.message();
    }
    long failed = job.counts().failed();
    return switch (job.status()) {
      case COMPLETED ->
          failed == 0
              ? "Every row has its answer."
              : "Every row has its outcome: %s an answer, %s an error."
                  .formatted(
                      Amount.of(job.counts().succeeded(), "has", "have"), Words.count(failed));
      case FAILED -> "Too many rows failed.";
      case PLANNING -> "The input is being read.";
      case RUNNING -> "The rows are being sent.";
      case FINALIZING -> "What was written is being proven.";
      default -> "The job is %s.".formatted(job.status().word().replace('_', ' '));
    };
  }

  /** What the user can do now; nothing where the output is not the reader's. */
  private Html goOn() {
    Html html = new Html();
    boolean own = !job.output().isEmpty();
    String output = quoted(job.output());
    if (job.status().isActive()) {
      html.text("The figures are those of ").text(Words.moment(lastHeard()));
      if (!own) {
        return html.text(".");
      }
      return html.text("; ")
          .code("batchinfer report " + output)
          .text(" writes this page again, ")
          .code("batchinfer status --watch " + output)
          .text(" shows the job.");
    }
    if (!own) {
      return html;
    }
    switch (job.status()) {
      case COMPLETED, FAILED -> {
        html.text("The answers as one stream: ").code("batchinfer results " + output).text(".");
        if (job.counts().failed() > 0) {
          html.text(" The same run command with ")
              .code("--retry-failed")
              .text(" sends failed rows again; nothing that is answered is paid twice.");
        }
      }
      case CANCELLED, EXPIRED ->
          html.text("The same run command with ")
              .code("--resume")
              .text(" goes on with the open rows; nothing that is answered is paid twice.");
      case OUT_OF_BUDGET ->
          html.text("The same run command with a higher cap goes on with the open rows.");
      default ->
          html.text(
              "The same run command goes on with the open rows; nothing that is answered is paid twice.");
    }
    return html;
  }

  /** As a shell takes it. */
  private static String quoted(String path) {
    return PLAIN.matcher(path).matches() ? path : "'" + path.replace("'", "'\\''") + "'";
  }

  private Html fields() {
    Html html = new Html();
    field(html, "Job", job.jobId());
    field(html, "Output", job.output());
    for (Map.Entry<String, String> setting : SETTINGS.entrySet()) {
      String value = job.definition().settings().getOrDefault(setting.getKey(), "");
      boolean interactive = setting.getKey().equals("via") && value.equals("interactive");
      if (!interactive) {
        field(html, setting.getValue(), value.replace("\n", ", "));
      }
    }
    field(html, "Started", Words.moment(job.times().startedAt()));
    job.times().completedAt().ifPresent(at -> field(html, "Ended", Words.moment(at)));
    if (job.resumedRequests() > 0) {
      field(html, "Settled by earlier runs", Amount.of(job.resumedRequests(), "row"));
    }
    version().ifPresent(version -> field(html, "Program", "batchinfer " + version));
    job.definition().metadata().forEach((key, value) -> field(html, key, value));
    return html;
  }

  private Optional<String> version() {
    List<RunCourse> runs = course.runs();
    return runs.isEmpty()
        ? Optional.empty()
        : Optional.of(runs.get(runs.size() - 1).program().version())
            .filter(version -> !version.isEmpty());
  }

  private static void field(Html html, String name, String value) {
    if (!value.isEmpty()) {
      html.open("div").open("dt").foreign(name).close("dt");
      html.open("dd").foreign(value).close("dd").close("div");
    }
  }
}

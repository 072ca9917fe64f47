package io.batchinfer.report.page;

import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RowSketch.Example;
import io.batchinfer.model.Amount;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The rows that failed, by code, with examples. */
final class ErrorsPart {
  private final JobRecord job;
  private final JobCourse course;

  ErrorsPart(JobRecord job, JobCourse course) {
    this.job = job;
    this.course = course;
  }

  /** Empty where no row failed. */
  Html html() {
    Html html = new Html();
    List<Map.Entry<String, Long>> errors =
        job.counts().errors().entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
            .toList();
    long failed = job.counts().failed();
    if (errors.isEmpty() || failed == 0) {
      return html;
    }
    html.open("div", "class", "card");
    html.open("p", "class", "says");
    html.text(
        "%s of %s failed (%s), most of them with "
            .formatted(
                Words.count(failed),
                Amount.of(job.totalRequests(), "row"),
                Words.share((double) failed / Math.max(1, job.totalRequests()))));
    html.code(errors.get(0).getKey());
    html.text(
        " (%s). Whole lines are in the folder ".formatted(Words.count(errors.get(0).getValue())));
    html.code("errors").text(".").close("p");
    html.open("ul", "class", "errors");
    for (Map.Entry<String, Long> error : errors) {
      html.open("li")
          .open("div", "class", "error-head")
          .open("h3")
          .code(error.getKey())
          .close("h3");
      html.element(
          "span",
          "%s (%s of the failed)"
              .formatted(
                  Amount.of(error.getValue(), "row"),
                  Words.share((double) error.getValue() / failed)));
      html.close("div");
      html.add(Parts.bar((double) error.getValue() / failed, "bad"));
      ErrorCode.find(error.getKey())
          .ifPresent(code -> html.element("p", code.description(), "class", "muted"));
      examples(html, course.rows().examples().getOrDefault(error.getKey(), List.of()));
      html.close("li");
    }
    return html.close("ul").close("div");
  }

  private static void examples(Html html, List<Example> examples) {
    if (examples.isEmpty()) {
      return;
    }
    html.open("ul", "class", "examples", "aria-label", "Examples");
    for (Example example : examples) {
      html.open("li")
          .code(example.customId().isEmpty() ? "(without custom_id)" : example.customId());
      if (!example.message().isEmpty()) {
        html.text(" ").foreign(example.message());
      }
      html.close("li");
    }
    html.close("ul");
  }
}

package io.batchinfer.cli;

import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Problem;
import io.batchinfer.model.Counts;
import io.batchinfer.store.Texts;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A job for people: one line per fact. */
final class JobSheet {
  private static final int SHOWN_PROBLEMS = 20;

  private JobSheet() {}

  static void print(BatchJob job, PrintWriter out) {
    BatchJob.Spec spec = job.spec();
    BatchJob.State state = job.state();
    line(out, "id", job.id());
    line(out, "status", state.status().name());
    line(out, "workspace", job.workspace());
    line(out, "endpoint", spec.endpoint());
    line(out, "model", model(job));
    line(out, "agent", spec.target().agentId());
    line(out, "deployment", spec.target().deployment());
    line(out, "input", String.join(" ", spec.inputFiles()));
    line(out, "requests", requests(state));
    line(out, "cost", cost(state));
    line(out, "created", time(spec.createdMillis()));
    line(out, "started", time(state.times().startedMillis()));
    line(out, "ended", time(state.times().endedMillis()));
    line(out, "time limit", time(spec.deadlineMillis()));
    line(out, "output file", state.files().output());
    line(out, "error file", state.files().errors());
    new TreeMap<>(spec.metadata())
        .forEach((key, value) -> line(out, "metadata", Texts.shown(key + "=" + value)));
    for (Problem problem : state.problems().stream().limit(SHOWN_PROBLEMS).toList()) {
      String place = problem.line() == null ? "" : "line " + problem.line() + ": ";
      line(out, "problem", place + problem.message().replaceAll("\\p{Cntrl}", " "));
    }
    out.flush();
  }

  private static void line(PrintWriter out, String name, @Nullable String value) {
    if (value != null) {
      out.printf("%-12s %s%n", name, value);
    }
  }

  /** The model that the job or all its lines name, or null. */
  static @Nullable String model(BatchJob job) {
    return job.model();
  }

  private static String requests(BatchJob.State state) {
    Counts counts = state.counts();
    return String.format(
        Locale.ROOT,
        "%,d (%,d succeeded, %,d failed)",
        state.total(),
        counts.succeeded(),
        counts.failed());
  }

  private static @Nullable String cost(BatchJob.State state) {
    return state.progress().cost() == null
        ? null
        : String.format(
            Locale.ROOT, "%.4f %s", state.progress().cost(), state.progress().currency());
  }

  /** To the second, or null. */
  static @Nullable String time(@Nullable Long millis) {
    return millis == null
        ? null
        : Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
  }
}

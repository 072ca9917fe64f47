package io.batchinfer.report;

import io.batchinfer.course.CoursePoint;
import io.batchinfer.model.JobRecord;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Shows a job that runs somewhere else while it goes: a line that changes in place on a terminal,
 * otherwise one more line whenever there is something new to say. For one thread.
 */
public final class WatchReport implements AutoCloseable {
  private final PrintWriter out;
  private final boolean terminal;
  private final LiveLine live;
  private String last = "";

  /**
   * @param out where lines go; on a terminal, its standard error is written instead
   * @param terminal whether a person looks on
   */
  public WatchReport(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
    this.live = new LiveLine(out);
  }

  /**
   * Shows how the job stands now.
   *
   * @param latest what was recorded last of the course of its run
   */
  public void show(JobRecord job, Optional<CoursePoint> latest) {
    List<String> facts = facts(job);
    latest.map(CourseFacts::of).ifPresent(facts::addAll);
    if (terminal && job.totalRequests() > 0) {
      live.show(Pace.of(job), facts);
      return;
    }
    String words = String.join(", ", facts);
    if (!words.equals(last)) {
      last = words;
      out.println(words);
      out.flush();
    }
  }

  private static List<String> facts(JobRecord job) {
    List<String> facts = new ArrayList<>();
    Summary.progress(job)
        .ifPresentOrElse(facts::add, () -> facts.add(job.status().word().replace('_', ' ')));
    if (job.counts().failed() > 0) {
      facts.add(String.format(Locale.ROOT, "%,d failed", job.counts().failed()));
    }
    job.cost()
        .filter(cost -> cost > 0)
        .ifPresent(
            cost -> facts.add(String.format(Locale.ROOT, "cost %.2f %s", cost, job.currency())));
    if (!job.message().isEmpty()) {
      facts.add(job.message());
    }
    return facts;
  }

  /** Takes the line away. */
  @Override
  public void close() {
    live.close();
  }
}

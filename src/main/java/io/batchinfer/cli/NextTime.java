package io.batchinfer.cli;

import io.batchinfer.course.JobCourse;
import io.batchinfer.findings.Finding;
import io.batchinfer.findings.Findings;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Amount;
import io.batchinfer.model.JobRecord;
import io.batchinfer.storage.StorageException;
import java.util.ArrayList;
import java.util.List;

/** What a job's figures say about the next one, in lines under its summary. */
final class NextTime {
  /** A run that is started by a machine should not fill its log. */
  private static final int MOST_AFTER_RUN = 2;

  private NextTime() {}

  /** The weightiest, a line each; none where all is well. */
  static List<String> afterRun(JobFolder folder, JobRecord job) {
    List<Finding> findings;
    try {
      findings = findings(folder, job);
    } catch (StorageException e) {
      // The job itself is told already, and is as it is.
      return List.of("  How the run went could not be read: " + e.getMessage());
    }
    List<String> lines = new ArrayList<>();
    findings.stream().limit(MOST_AFTER_RUN).map(NextTime::line).forEach(lines::add);
    int more = findings.size() - MOST_AFTER_RUN;
    if (more > 0) {
      lines.add(
          "  and %s: batchinfer status %s"
              .formatted(Amount.of(more, "more", "more"), job.output()));
    }
    return lines;
  }

  /** All of them, with what they rest on and what to do. */
  static List<String> inFull(JobFolder folder, JobRecord job) {
    List<String> lines = new ArrayList<>();
    for (Finding finding : findings(folder, job)) {
      lines.add(line(finding));
      lines.add("    " + finding.evidence());
      lines.add("    " + finding.advice());
      finding.option().ifPresent(option -> lines.add("    Option: " + option));
    }
    return lines;
  }

  private static List<Finding> findings(JobFolder folder, JobRecord job) {
    return Findings.of(job, JobCourse.read(folder));
  }

  private static String line(Finding finding) {
    return "  Next time: %s (%s)".formatted(finding.sentence(), finding.code());
  }
}

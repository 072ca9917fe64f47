package io.batchinfer.report;

import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RunCourse;
import io.batchinfer.course.RunCourse.Ending;
import io.batchinfer.course.RunCourse.Program;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobRecord.Definition;
import io.batchinfer.model.JobRecord.Standing;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A job of the service without what is its operator's alone. */
final class CallersView {
  /** Where the operator has requests sent to. */
  private static final Set<String> OPERATORS = Set.of("base-url", "provider");

  private CallersView() {}

  /**
   * Under the id by which callers know it, with its files as they name them. Messages of a run
   * speak to the operator, and a job that is not over goes on by itself.
   */
  static JobRecord of(JobRecord run, BatchJob job) {
    SortedMap<String, String> settings = new TreeMap<>(run.definition().settings());
    settings.keySet().removeAll(OPERATORS);
    settings.computeIfPresent("input", (name, paths) -> shown(paths));
    boolean waits = !job.state().status().isTerminal() && !run.status().isActive();
    return new JobRecord(
        new Definition(job.id(), "", run.identity(), settings, run.definition().metadata()),
        run.generation(),
        new Standing(
            run.status(),
            waits ? "The service goes on with it by itself until the job's time is over." : "",
            run.exitCode(),
            run.standing().resumable()),
        run.rows(),
        run.costs(),
        run.times(),
        List.of());
  }

  private static String shown(String paths) {
    return paths.lines().map(JobFolder::shownInput).collect(Collectors.joining("\n"));
  }

  /** Without who did the work. */
  static JobCourse of(JobCourse course) {
    return new JobCourse(
        course.runs().stream().map(CallersView::of).toList(),
        course.runsLeftOut(),
        course.rows().withoutPlaces(),
        course.sketchedSplits(),
        course.slowestSplits(),
        course.equalRowsSent());
  }

  private static RunCourse of(RunCourse run) {
    return new RunCourse(
        run.run(),
        new Program(run.program().version(), "", 0),
        run.startedAt(),
        new Ending(run.ending().at(), run.ending().status(), null),
        run.rows(),
        run.resumedRows(),
        run.limits(),
        run.points(),
        run.cutAfterMillis());
  }
}

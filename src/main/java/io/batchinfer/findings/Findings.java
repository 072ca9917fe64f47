package io.batchinfer.findings;

import io.batchinfer.course.JobCourse;
import io.batchinfer.model.JobRecord;
import java.util.List;
import java.util.Optional;

/** Looks at how a job went, and says what to do next time. */
public final class Findings {
  /** The weightiest first: what was lost, what was paid for nothing, then what took time. */
  private static final List<Rule> RULES =
      List.of(
          new OneError(),
          new OneKindFails(),
          new CutOffAnswers(),
          new EqualRowsSent(),
          new MayHaveRun(),
          new ProxyTimeLimit(),
          new LateJournal(),
          new PromptCacheMissed(),
          new EndpointAway(),
          new ManyRefusals(),
          new ManyRetries(),
          new SlowReplica(),
          new TokenEstimates(),
          new BusyMachine(),
          new RowsNotReady(),
          new OwnConcurrency(),
          new TokenLimit(),
          new RequestLimit());

  private Findings() {}

  /**
   * What the figures show, the weightiest first; nothing where all is well, and where they do not
   * suffice to say.
   *
   * @param job the job, finished or not
   * @param course how it went, as {@link JobCourse#read} gives it
   */
  public static List<Finding> of(JobRecord job, JobCourse course) {
    Figures figures = Figures.of(job, course);
    return RULES.stream().map(rule -> rule.look(figures)).flatMap(Optional::stream).toList();
  }

  /** All that is looked for, the weightiest first. */
  public static List<Rule> rules() {
    return RULES;
  }

  /** How long a run has to have sent, at least, for its course to say something; in words. */
  public static String leastSending() {
    return Words.time(Figures.LEAST_SENDING);
  }
}

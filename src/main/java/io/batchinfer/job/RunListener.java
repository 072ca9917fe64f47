package io.batchinfer.job;

import io.batchinfer.model.Plan;

/** Is told how a run goes. Called from the run's own thread; must not block for long. */
public interface RunListener {
  /** Is told nothing. */
  RunListener SILENT = new RunListener() {};

  /** The plan is known and sending begins. */
  default void planned(Plan plan, long resumedRows) {}

  /** How sending goes, a few times a second. */
  default void progress(RunProgress progress) {}

  /** Every row is settled; what was written is being proven. */
  default void finalizing() {}

  /**
   * The run has ended, with success or without, and its last record is written. The folder is still
   * the run's own. Is not told where the run was refused before it had a job.
   */
  default void ended(JobFolder folder) {}

  /** Something that the user should know but that does not end the run. */
  default void notice(String message) {}
}

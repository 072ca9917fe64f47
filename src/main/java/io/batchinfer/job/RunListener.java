package io.batchinfer.job;

import io.batchinfer.model.Plan;
import java.time.Duration;

/** Hears how a run goes. Called from the run's own thread; must not block for long. */
public interface RunListener {
  /** Hears nothing. */
  RunListener SILENT = new RunListener() {};

  /** The plan is known and sending begins. */
  default void planned(Plan plan, long resumedRows) {}

  /** How sending goes, a few times a second. */
  default void progress(RunProgress progress) {}

  /** Something that the user should know but that does not end the run. */
  default void notice(String message) {}

  /**
   * How far a run is.
   *
   * @param total rows of the job
   * @param settled rows settled, earlier runs included
   * @param failed rows among them that failed in this run
   * @param inFlight requests under way
   * @param coolDown pause that the endpoint asked for
   */
  record RunProgress(
      long total,
      long settled,
      long failed,
      int inFlight,
      long promptTokens,
      long completionTokens,
      Duration elapsed,
      Duration coolDown) {}
}

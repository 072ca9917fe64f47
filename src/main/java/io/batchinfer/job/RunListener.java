package io.batchinfer.job;

import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.Plan;
import java.time.Duration;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Hears how a run goes. Called from the run's own thread; must not block for long. */
public interface RunListener {
  /** Hears nothing. */
  RunListener SILENT = new RunListener() {};

  /** The plan is known and sending begins. */
  default void planned(Plan plan, long resumedRows) {}

  /** How sending goes, a few times a second. */
  default void progress(RunProgress progress) {}

  /** Every row is settled; what was written is being proven. */
  default void finalizing() {}

  /** Something that the user should know but that does not end the run. */
  default void notice(String message) {}

  /**
   * How far a run is.
   *
   * @param total rows of the job
   * @param settled rows settled, earlier runs included
   * @param failed rows among them that failed, earlier runs included
   * @param inFlight requests under way
   * @param promptTokens tokens of all answers, earlier runs included; so are those below
   * @param errors failed rows by code
   * @param cost what the answers cost, or null where a price is unknown
   * @param latencies how long the answers of this run took
   * @param coolDown pause that the endpoint asked for
   * @param waitingFor which endpoint is away, since when, and until when it is waited for, in one
   *     line; empty while none is
   */
  record RunProgress(
      long total,
      long settled,
      long failed,
      int inFlight,
      long promptTokens,
      long completionTokens,
      SortedMap<String, Long> errors,
      @Nullable Double cost,
      LatencyHistogram latencies,
      Duration elapsed,
      Duration coolDown,
      String waitingFor) {}
}

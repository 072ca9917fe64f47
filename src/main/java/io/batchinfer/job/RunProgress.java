package io.batchinfer.job;

import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Usage;
import java.time.Duration;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is.
 *
 * @param total rows of the job
 * @param rows rows settled, earlier runs included
 * @param errors failed rows by code, earlier runs included
 * @param elapsed since the run began to send
 */
public record RunProgress(
    long total,
    RowCounts rows,
    SortedMap<String, Long> errors,
    Answers answers,
    Duration elapsed,
    Moment moment) {

  /**
   * What the answers add up to.
   *
   * @param usage of all answers, earlier runs included
   * @param cost what they cost, or null where a price is unknown
   * @param latencies how long the answers of this run took
   */
  public record Answers(Usage usage, @Nullable Double cost, LatencyHistogram latencies) {}

  /**
   * How it stands now.
   *
   * @param inFlight requests under way
   * @param coolDown pause that the endpoint asked for
   * @param waitingFor which endpoint is away, since when, and until when it is waited for, in one
   *     line; empty while none is
   */
  public record Moment(int inFlight, Duration coolDown, String waitingFor) {}
}

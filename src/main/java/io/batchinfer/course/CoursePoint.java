package io.batchinfer.course;

import io.batchinfer.model.ProcessorTime;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far a job was at a moment. Sums are from the job's beginning where nothing else is said.
 * Immutable.
 *
 * @param atMillis UNIX milliseconds
 * @param latencies of the answers since the point before, null where there were none
 * @param held how long each thing has held the run up since the point before, in milliseconds;
 *     empty where that is not known
 */
public record CoursePoint(
    long atMillis,
    Rows rows,
    Attempts attempts,
    Moment moment,
    Limits limits,
    Spent spent,
    @Nullable Latencies latencies,
    Load load,
    SortedMap<HeldBy, Long> held) {

  /**
   * Rows of the job that have their outcome.
   *
   * @param settled all of them
   * @param failed those with an error
   * @param errors failed rows by code
   */
  public record Rows(long settled, long failed, SortedMap<String, Long> errors) {}

  /**
   * Requests that were sent.
   *
   * @param sent those of settled rows, earlier runs included
   * @param refused turned away for a limit or for lack of room (429, 503, 529), in this run
   * @param lost without an answer, so that they may have run, in this run
   * @param failed all others that failed, in this run
   */
  public record Attempts(long sent, long refused, long lost, long failed) {}

  /**
   * What was so at that moment.
   *
   * @param inFlight attempts under way
   * @param waiting attempts that wait for a permit
   * @param workers processes that send
   * @param heldBy what bounds the rate
   */
  public record Moment(int inFlight, int waiting, int workers, HeldBy heldBy) {}

  /**
   * The limits that hold, as set, as the endpoint states them, or as found by trying.
   *
   * @param concurrency attempts allowed at once, null while not known
   * @param requestsPerMinute null where there is no such limit
   * @param tokensPerMinute null where there is no such limit
   */
  public record Limits(
      @Nullable Integer concurrency,
      @Nullable Double requestsPerMinute,
      @Nullable Double tokensPerMinute) {
    /** None is known. */
    public static final Limits UNKNOWN = new Limits(null, null, null);
  }

  /**
   * What the answers add up to.
   *
   * @param cost null where a price is not known
   */
  public record Spent(long promptTokens, long completionTokens, @Nullable Double cost) {}

  /** How long answers took: milliseconds below which that share of them stayed. */
  public record Latencies(double p50, double p95, double p99) {}

  /**
   * How busy the machines are.
   *
   * @param driver the machine of the driver
   * @param executors those of the executors on average
   * @param journalLagMillis how long the oldest settled row has not been durable
   */
  public record Load(Processors driver, Processors executors, long journalLagMillis) {
    /** Nothing is known. */
    public static final Load UNKNOWN = new Load(Processors.UNKNOWN, Processors.UNKNOWN, 0);
  }

  /**
   * How much of a machine's processors is in use, 0 to 1. In a container the machine is what the
   * container may use.
   *
   * @param own the part that the process of the run uses, null where not known
   * @param wanted the part that it uses or has threads waiting for, null where not known
   * @param machine the part that everything on it uses, null where not known
   */
  public record Processors(
      @Nullable Double own, @Nullable Double wanted, @Nullable Double machine) {
    /** Nothing is known. */
    public static final Processors UNKNOWN = new Processors(null, null, null);

    /** What was in use in that time. */
    public static Processors of(ProcessorTime time) {
      return time.offered() <= 0
          ? UNKNOWN
          : new Processors(
              (double) time.own() / time.offered(),
              (double) time.wanted() / time.offered(),
              (double) time.machine() / time.offered());
    }
  }

  /** The last one of a run, of which nothing is under way any more. */
  CoursePoint atTheEnd(long millis, Rows settled, long sent, Spent all) {
    return new CoursePoint(
        millis,
        settled,
        new Attempts(sent, attempts.refused(), attempts.lost(), attempts.failed()),
        new Moment(0, 0, 0, HeldBy.NONE),
        limits,
        all,
        null,
        Load.UNKNOWN,
        new TreeMap<>());
  }

  /** The same later: how long things have held the run up since a point that is left out. */
  CoursePoint after(CoursePoint leftOut) {
    TreeMap<HeldBy, Long> sum = new TreeMap<>(held);
    for (Map.Entry<HeldBy, Long> before : leftOut.held.entrySet()) {
      sum.merge(before.getKey(), before.getValue(), Long::sum);
    }
    return new CoursePoint(atMillis, rows, attempts, moment, limits, spent, latencies, load, sum);
  }
}

package io.batchinfer.course;

import io.batchinfer.model.LatencyHistogram;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What rows were like, in a bounded number of figures, however many rows there are. Immutable.
 *
 * @param rows all of them
 * @param latencies how long rows took from being ready to be sent to their outcome, repeats and
 *     waits included; of those rows alone whose times are known, which are not those that an
 *     earlier process had settled
 * @param promptTokens of each row, of all its attempts
 * @param completionTokens likewise
 * @param attempts rows by the number of their attempts, as {@code 0}, {@code 1}, …; the last of
 *     {@link #ATTEMPT_CLASSES} are those with as many or more
 * @param finishReasons answers by why they ended
 * @param examples a few rows for each error code
 * @param slowest those that took longest, the slowest first
 * @param replicas who answered, by base URL
 * @param processes who sent, by name
 * @param kinds how rows of each kind ended, of those alone that the process has read which
 *     published them
 */
public record RowSketch(
    long rows,
    LatencyHistogram latencies,
    TokenHistogram promptTokens,
    TokenHistogram completionTokens,
    List<Long> attempts,
    SortedMap<String, Long> finishReasons,
    SortedMap<String, List<Example>> examples,
    List<SlowRow> slowest,
    SortedMap<String, Answers> replicas,
    SortedMap<String, Answers> processes,
    SortedMap<RowKind, KindCounts> kinds) {

  /** Classes of {@link #attempts}. */
  public static final int ATTEMPT_CLASSES = 12;

  /** Most examples of one error code. */
  public static final int MOST_EXAMPLES = 3;

  /** Most characters of an example's message. */
  public static final int LONGEST_MESSAGE = 200;

  /** Most characters of a custom_id; the rest is cut off. */
  public static final int LONGEST_ID = 80;

  /** Most slow rows. */
  public static final int MOST_SLOW = 10;

  /** Most names in any of the maps; what has no room is under {@link #OTHERS}. */
  public static final int MOST_NAMES = 24;

  /** Stands for all names that had no room. */
  public static final String OTHERS = "(others)";

  /** Of no rows. */
  public static final RowSketch NONE =
      new RowSketch(
          0,
          LatencyHistogram.NONE,
          TokenHistogram.NONE,
          TokenHistogram.NONE,
          List.of(),
          new TreeMap<>(),
          new TreeMap<>(),
          List.of(),
          new TreeMap<>(),
          new TreeMap<>(),
          new TreeMap<>());

  /**
   * A row that failed.
   *
   * @param customId empty where it has none
   * @param message what the endpoint or the program said, shortened
   */
  public record Example(String customId, String message) {}

  /**
   * A row that took long.
   *
   * @param customId empty where it has none
   * @param millis from being ready to be sent to its outcome
   */
  public record SlowRow(String customId, long millis, int attempts) {}

  /**
   * What came from one source.
   *
   * @param count answers or rows
   * @param millis how long they took together
   */
  public record Answers(long count, long millis) {
    Answers plus(Answers other) {
      return new Answers(count + other.count, millis + other.millis);
    }

    /** Mean milliseconds; 0 of none. */
    public double meanMillis() {
      return count == 0 ? 0 : (double) millis / count;
    }
  }

  /** Of rows of whose kinds nothing is known. */
  public RowSketch(
      long rows,
      LatencyHistogram latencies,
      TokenHistogram promptTokens,
      TokenHistogram completionTokens,
      List<Long> attempts,
      SortedMap<String, Long> finishReasons,
      SortedMap<String, List<Example>> examples,
      List<SlowRow> slowest,
      SortedMap<String, Answers> replicas,
      SortedMap<String, Answers> processes) {
    this(
        rows,
        latencies,
        promptTokens,
        completionTokens,
        attempts,
        finishReasons,
        examples,
        slowest,
        replicas,
        processes,
        new TreeMap<>());
  }

  public RowSketch {
    attempts = List.copyOf(attempts);
    slowest =
        slowest.stream()
            .sorted(Comparator.comparingLong(SlowRow::millis).reversed())
            .limit(MOST_SLOW)
            .toList();
  }

  /** What both say together, within the same bounds. */
  public RowSketch plus(RowSketch other) {
    List<SlowRow> slow = new ArrayList<>(slowest);
    slow.addAll(other.slowest);
    return new RowSketch(
        rows + other.rows,
        latencies.plus(other.latencies),
        promptTokens.plus(other.promptTokens),
        completionTokens.plus(other.completionTokens),
        sum(attempts, other.attempts),
        Bounded.merge(finishReasons, other.finishReasons, Long::sum),
        Bounded.examples(examples, other.examples),
        slow,
        Bounded.merge(replicas, other.replicas, Answers::plus),
        Bounded.merge(processes, other.processes, Answers::plus),
        Bounded.merge(kinds, other.kinds, RowKind.OTHERS, KindCounts::plus));
  }

  /** The same with examples of those codes alone. */
  public RowSketch withoutOtherErrors(Set<String> codes) {
    SortedMap<String, List<Example>> kept = new TreeMap<>(examples);
    kept.keySet().retainAll(codes);
    return new RowSketch(
        rows,
        latencies,
        promptTokens,
        completionTokens,
        attempts,
        finishReasons,
        kept,
        slowest,
        replicas,
        processes,
        kinds);
  }

  /** The same without who answered and who sent. */
  public RowSketch withoutPlaces() {
    return new RowSketch(
        rows,
        latencies,
        promptTokens,
        completionTokens,
        attempts,
        finishReasons,
        examples,
        slowest,
        new TreeMap<>(),
        new TreeMap<>(),
        kinds);
  }

  /** The same of that many rows, of which some are counted more than once. */
  public RowSketch ofRows(long number) {
    return new RowSketch(
        number,
        latencies,
        promptTokens,
        completionTokens,
        attempts,
        finishReasons,
        examples,
        slowest,
        replicas,
        processes,
        kinds);
  }

  /** How rows of each kind ended after some that had failed were run again, with that outcome. */
  public SortedMap<RowKind, KindCounts> kindsAfter(RowSketch again) {
    return Bounded.merge(kinds, again.kinds, RowKind.OTHERS, KindCounts::after);
  }

  /** The same with other counts of kinds. */
  public RowSketch withKinds(SortedMap<RowKind, KindCounts> counts) {
    return new RowSketch(
        rows,
        latencies,
        promptTokens,
        completionTokens,
        attempts,
        finishReasons,
        examples,
        slowest,
        replicas,
        processes,
        counts);
  }

  private static List<Long> sum(List<Long> one, List<Long> other) {
    List<Long> sum = new ArrayList<>();
    for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
      sum.add((i < one.size() ? one.get(i) : 0) + (i < other.size() ? other.get(i) : 0));
    }
    return sum;
  }
}

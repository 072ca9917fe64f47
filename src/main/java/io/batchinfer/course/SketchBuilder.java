package io.batchinfer.course;

import io.batchinfer.course.RowSketch.Answers;
import io.batchinfer.course.RowSketch.Example;
import io.batchinfer.course.RowSketch.SlowRow;
import io.batchinfer.model.LatencyHistogram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Adds rows up to a sketch of them. For one thread. */
public final class SketchBuilder {
  /** Most examples of all codes together, since they are what takes room. */
  private static final int MOST_EXAMPLES_IN_ALL = 8;

  private final long[] promptTokens = new long[TokenHistogram.CLASSES];
  private final long[] completionTokens = new long[TokenHistogram.CLASSES];
  private final long[] attempts = new long[RowSketch.ATTEMPT_CLASSES];
  private final SortedMap<String, Long> finishReasons = new TreeMap<>();
  private final SortedMap<String, List<Example>> examples = new TreeMap<>();
  private final SortedMap<RowKind, KindTally> kinds = new TreeMap<>();
  private int allExamples;
  private long rows;

  /** A row that has its outcome, with the number of times that it was sent. */
  public void row(int sent) {
    rows++;
    attempts[Math.min(attempts.length - 1, sent)]++;
  }

  /** The answer of a row. */
  public void answer(long prompt, long completion, String finishReason) {
    promptTokens[TokenHistogram.classOf(prompt)]++;
    completionTokens[TokenHistogram.classOf(completion)]++;
    finishReasons.merge(finishReason, 1L, Long::sum);
  }

  /**
   * A row that failed.
   *
   * @param example is asked only where there is room for one more
   */
  public void failure(String code, Supplier<Example> example) {
    int ofCode = examples.getOrDefault(code, List.of()).size();
    if (allExamples < MOST_EXAMPLES_IN_ALL && ofCode < RowSketch.MOST_EXAMPLES) {
      allExamples++;
      Example shown = example.get();
      examples
          .computeIfAbsent(code, unused -> new ArrayList<>())
          .add(
              new Example(
                  shortened(shown.customId(), RowSketch.LONGEST_ID),
                  shortened(shown.message(), RowSketch.LONGEST_MESSAGE)));
    }
  }

  /**
   * How a row of a kind ended. Rows that were closed with their job are not to be told.
   *
   * @param customId of a row that failed, null for one that did not; asked only where there is room
   *     for one more
   */
  public void kind(RowKind kind, boolean cutOff, @Nullable Supplier<String> customId) {
    KindTally tally = kinds.get(kind);
    if (tally == null) {
      tally = new KindTally();
      kinds.put(kind, tally);
    }
    tally.rows++;
    tally.cutOff += cutOff ? 1 : 0;
    if (customId != null) {
      tally.failed++;
      if (tally.examples.size() < RowSketch.MOST_EXAMPLES) {
        tally.examples.add(shortened(customId.get(), RowSketch.LONGEST_ID));
      }
    }
  }

  private static final class KindTally {
    private final List<String> examples = new ArrayList<>();
    private long rows;
    private long failed;
    private long cutOff;

    private KindCounts counts() {
      return new KindCounts(rows, failed, cutOff, examples);
    }
  }

  private SortedMap<RowKind, KindCounts> kinds() {
    SortedMap<RowKind, KindCounts> counts = new TreeMap<>();
    kinds.forEach((kind, tally) -> counts.put(kind, tally.counts()));
    return counts;
  }

  private static String shortened(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
  }

  /**
   * The sketch.
   *
   * @param latencies of rows by class
   * @param slowest rows, in any order
   * @param replicas who answered
   * @param processes who sent
   */
  public RowSketch sketch(
      long[] latencies,
      List<SlowRow> slowest,
      SortedMap<String, Answers> replicas,
      SortedMap<String, Answers> processes) {
    return new RowSketch(
        rows,
        new LatencyHistogram(trimmed(latencies)),
        new TokenHistogram(trimmed(promptTokens)),
        new TokenHistogram(trimmed(completionTokens)),
        Arrays.stream(trimmed(attempts)).boxed().toList(),
        new TreeMap<>(finishReasons),
        new TreeMap<>(examples),
        slowest.stream()
            .map(
                row ->
                    new SlowRow(
                        shortened(row.customId(), RowSketch.LONGEST_ID),
                        row.millis(),
                        row.attempts()))
            .toList(),
        Bounded.merge(new TreeMap<>(), replicas, Answers::plus),
        Bounded.merge(new TreeMap<>(), processes, Answers::plus),
        kinds());
  }

  /** Without the zeros at the end. */
  private static long[] trimmed(long[] counts) {
    int length = counts.length;
    while (length > 0 && counts[length - 1] == 0) {
      length--;
    }
    return Arrays.copyOf(counts, length);
  }
}

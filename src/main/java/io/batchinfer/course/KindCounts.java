package io.batchinfer.course;

import java.util.List;
import java.util.stream.Stream;

/**
 * How the rows of one kind ended. Immutable.
 *
 * @param rows that have their outcome; those that were closed with their job do not count
 * @param failed those with an error
 * @param cutOff those whose answer ended at its limit of tokens
 * @param examples the {@code custom_id} of some that failed, shortened
 */
public record KindCounts(long rows, long failed, long cutOff, List<String> examples) {
  /** Of a kind that has no rows. */
  public static final KindCounts NONE = new KindCounts(0, 0, 0, List.of());

  public KindCounts {
    examples = examples.stream().limit(RowSketch.MOST_EXAMPLES).toList();
  }

  /** What both say of different rows. */
  KindCounts plus(KindCounts other) {
    return new KindCounts(
        rows + other.rows,
        failed + other.failed,
        cutOff + other.cutOff,
        Stream.concat(examples.stream(), other.examples.stream()).toList());
  }

  /**
   * The same after some of the rows that failed were run again.
   *
   * @param again how these ended now
   */
  KindCounts after(KindCounts again) {
    long before = Math.max(0, failed - again.rows);
    return new KindCounts(
        Math.max(rows, again.rows),
        before + again.failed,
        cutOff + again.cutOff,
        before == 0
            ? again.examples
            : Stream.concat(again.examples.stream(), examples.stream()).distinct().toList());
  }
}

package io.batchinfer.model;

/**
 * How many answers bear each of the {@link AnswerMarks}.
 *
 * @param truncated answers cut off by their token limit
 * @param filtered answers cut or withheld by the endpoint's content filter
 * @param repaired answers that were not strict JSON and were read leniently
 * @param deduplicated rows that got the answer of an equal row
 * @param reused rows that got an answer of an earlier output
 */
public record MarkCounts(
    long truncated, long filtered, long repaired, long deduplicated, long reused) {
  public static final MarkCounts NONE = new MarkCounts(0, 0, 0);

  /** Marks of answers that the endpoint gave to their rows. */
  public MarkCounts(long truncated, long filtered, long repaired) {
    this(truncated, filtered, repaired, 0, 0);
  }

  public MarkCounts plus(MarkCounts other) {
    return new MarkCounts(
        Saturating.sum(truncated, other.truncated),
        Saturating.sum(filtered, other.filtered),
        Saturating.sum(repaired, other.repaired),
        Saturating.sum(deduplicated, other.deduplicated),
        Saturating.sum(reused, other.reused));
  }

  public MarkCounts plus(AnswerMarks marks) {
    return plus(
        new MarkCounts(
            one(marks.truncated()),
            one(marks.filtered()),
            one(marks.repaired()),
            one(marks.source() == AnswerSource.EQUAL_ROW),
            one(marks.source() == AnswerSource.EARLIER_OUTPUT)));
  }

  private static long one(boolean mark) {
    return mark ? 1 : 0;
  }

  /** Of each the larger one. */
  public MarkCounts atLeast(MarkCounts other) {
    return new MarkCounts(
        Math.max(truncated, other.truncated),
        Math.max(filtered, other.filtered),
        Math.max(repaired, other.repaired),
        Math.max(deduplicated, other.deduplicated),
        Math.max(reused, other.reused));
  }
}

package io.batchinfer.model;

/**
 * How many answers bear each of the {@link AnswerMarks}.
 *
 * @param truncated answers cut off by their token limit
 * @param filtered answers cut or withheld by the endpoint's content filter
 * @param repaired answers that were not strict JSON and were read leniently
 */
public record MarkCounts(long truncated, long filtered, long repaired) {
  public static final MarkCounts NONE = new MarkCounts(0, 0, 0);

  public MarkCounts plus(MarkCounts other) {
    return new MarkCounts(
        Saturating.sum(truncated, other.truncated),
        Saturating.sum(filtered, other.filtered),
        Saturating.sum(repaired, other.repaired));
  }

  public MarkCounts plus(AnswerMarks marks) {
    return plus(
        new MarkCounts(
            marks.truncated() ? 1 : 0, marks.filtered() ? 1 : 0, marks.repaired() ? 1 : 0));
  }

  /** Of each the larger one. */
  public MarkCounts atLeast(MarkCounts other) {
    return new MarkCounts(
        Math.max(truncated, other.truncated),
        Math.max(filtered, other.filtered),
        Math.max(repaired, other.repaired));
  }
}

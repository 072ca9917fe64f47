package io.batchinfer.model;

/**
 * What is to be known about an answer apart from its existence.
 *
 * @param truncated whether its token limit cut it off
 * @param filtered whether the endpoint's content filter cut or withheld it
 * @param repaired whether its body was not strict JSON and was read leniently
 * @param source where it comes from
 */
public record AnswerMarks(
    boolean truncated, boolean filtered, boolean repaired, AnswerSource source) {
  public static final AnswerMarks NONE = new AnswerMarks(false, false, false);

  /** Marks of an answer that the endpoint gave to its row. */
  public AnswerMarks(boolean truncated, boolean filtered, boolean repaired) {
    this(truncated, filtered, repaired, AnswerSource.ENDPOINT);
  }

  /** The same answer, read leniently. */
  public AnswerMarks asRepaired() {
    return new AnswerMarks(truncated, filtered, true, source);
  }

  /** The same answer, from elsewhere. */
  public AnswerMarks from(AnswerSource other) {
    return new AnswerMarks(truncated, filtered, repaired, other);
  }
}

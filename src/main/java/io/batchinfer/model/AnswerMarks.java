package io.batchinfer.model;

/**
 * What is to be known about an answer apart from its existence.
 *
 * @param truncated whether its token limit cut it off
 * @param filtered whether the endpoint's content filter cut or withheld it
 * @param repaired whether its body was not strict JSON and was read leniently
 */
public record AnswerMarks(boolean truncated, boolean filtered, boolean repaired) {
  public static final AnswerMarks NONE = new AnswerMarks(false, false, false);

  /** The same answer, read leniently. */
  public AnswerMarks asRepaired() {
    return new AnswerMarks(truncated, filtered, true);
  }
}

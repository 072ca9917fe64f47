package io.batchinfer.model;

/** Where the answer of a row comes from. */
public enum AnswerSource {
  /** The endpoint gave it to this row. */
  ENDPOINT,
  /** The endpoint gave it to an equal row of the same job. */
  EQUAL_ROW,
  /** It stands in the output of another job. */
  EARLIER_OUTPUT,
  /** The provider's batch service gave it to this row, for less. */
  BATCH_SERVICE;

  /** Whether nothing was paid for it. */
  public boolean isCopy() {
    return this == EQUAL_ROW || this == EARLIER_OUTPUT;
  }
}

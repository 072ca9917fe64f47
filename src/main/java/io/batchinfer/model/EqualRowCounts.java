package io.batchinfer.model;

import java.io.Serializable;

/**
 * How many rows of a job ask the same as an earlier one.
 *
 * @param answered those that get the answer of the earlier one
 * @param sent those that are sent all the same, since their answers may differ, or since the job is
 *     to look for no equal rows
 */
public record EqualRowCounts(long answered, long sent) implements Serializable {
  public static final EqualRowCounts NONE = new EqualRowCounts(0, 0);

  public EqualRowCounts plus(EqualRowCounts other) {
    return new EqualRowCounts(answered + other.answered, sent + other.sent);
  }
}

package io.batchinfer.model;

import java.util.Locale;

/** Which rows of a published split run again. */
public enum RowsAgain {
  /** Every failure that a repeat can change. */
  FAILED,
  /** Only the rows that were closed with their job. */
  CLOSED,
  /** Only the rows that were left out until an equal row has its answer. */
  WAITING;

  /** As it is stored. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What {@link #word} gave.
   *
   * @throws IllegalArgumentException for any other word
   */
  public static RowsAgain ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}

package io.batchinfer.model;

/** Which rows of a published split run again. */
public enum RowsAgain {
  /** Every failure that a repeat can change. */
  FAILED,
  /** Only the rows that were closed with their job. */
  CLOSED
}

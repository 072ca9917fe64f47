package io.batchinfer.model.endpoint;

/** What an answer says of how it ended. */
public enum Ending {
  /** As the model wanted. */
  WHOLE,
  /** Cut off by its token limit. */
  CUT,
  /** Withheld or cut off for what it says. */
  FILTERED,
  /** By a failure, whatever the status. */
  FAILED
}

package io.batchinfer.policy;

/**
 * What the driver makes of an attempt that an endpoint did not complete, once it is known whether
 * the endpoint was there for others.
 */
public enum OutageVerdict {
  /** The endpoint was there: the attempt speaks for itself, as the table of meanings has it. */
  OWN,
  /** The endpoint was away, and said so: nothing counts. */
  WAITED,
  /**
   * The endpoint, which had answered before, or a gateway answered that it cannot serve: nothing
   * counts, but it may be the row's own doing.
   */
  TURNED_AWAY,
  /** The endpoint was away, and the connection broke all the same: the request may have run. */
  RESET,
  /** As {@link #RESET}, of an endpoint that has never answered anything in this run. */
  COLD_RESET,
  /** The endpoint went away with everything that was under way, this attempt included. */
  SHARED,
  /** The endpoint went away with this attempt, and nothing else was under way. */
  CRASHED
}

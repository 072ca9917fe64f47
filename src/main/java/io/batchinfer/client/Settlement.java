package io.batchinfer.client;

import io.batchinfer.model.Usage;

/**
 * The end of a request's path through the stack.
 *
 * @param last the attempt that decided
 * @param attempts requests that went out
 * @param mayHaveRun attempts without an answer that may have been executed
 * @param outages outages of endpoints in which an attempt was under way
 * @param crashesEndpoint whether the row is to blame for them
 * @param usedBefore what answers used that were no good, beside the one that decided
 */
public record Settlement(
    Attempt last,
    int attempts,
    int mayHaveRun,
    int outages,
    boolean crashesEndpoint,
    Usage usedBefore) {

  /** A row whose first answer decided. */
  public Settlement(
      Attempt last, int attempts, int mayHaveRun, int outages, boolean crashesEndpoint) {
    this(last, attempts, mayHaveRun, outages, crashesEndpoint, Usage.NONE);
  }
}

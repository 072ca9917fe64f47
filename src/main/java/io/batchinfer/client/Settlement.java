package io.batchinfer.client;

/**
 * The end of a request's way through the stack.
 *
 * @param last the attempt that decided
 * @param attempts requests that went out
 * @param mayHaveRun attempts without an answer that may have been executed
 * @param outages outages of endpoints in which an attempt was under way
 * @param crashesEndpoint whether the row is to blame for them
 */
public record Settlement(
    Attempt last, int attempts, int mayHaveRun, int outages, boolean crashesEndpoint) {}

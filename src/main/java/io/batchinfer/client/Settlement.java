package io.batchinfer.client;

/**
 * The end of a request's way through the stack.
 *
 * @param last the attempt that decided
 * @param attempts requests that went out
 * @param mayHaveRun attempts without an answer that may have been executed
 */
public record Settlement(Attempt last, int attempts, int mayHaveRun) {}

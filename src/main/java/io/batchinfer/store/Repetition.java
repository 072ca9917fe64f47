package io.batchinfer.store;

/**
 * What is known of a create request that may have come before.
 *
 * @param repeated whether the caller's SDK says that it sends the request again by itself
 * @param arrivedMillis when the request came in, in UNIX milliseconds
 */
public record Repetition(boolean repeated, long arrivedMillis) {}

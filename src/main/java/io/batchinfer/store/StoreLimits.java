package io.batchinfer.store;

/**
 * What the service that had a store last allows, so that it holds for commands, too.
 *
 * @param pendingRequests most requests of a workspace that may be pending
 * @param uploadBytes most bytes of a file
 */
public record StoreLimits(long pendingRequests, long uploadBytes) {}

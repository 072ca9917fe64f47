package io.batchinfer.engine.send;

import io.batchinfer.client.RetryingChannel;

/**
 * What rows pass through in a process, shared by its workers: room for them, the channel to the
 * endpoints, and what becomes of their ends.
 */
record RowPath(
    RowRoom room, RetryingChannel channel, OutcomeClassifier classifier, RowSettler settler) {}

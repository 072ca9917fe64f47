package io.batchinfer.engine.send;

import io.batchinfer.pack.PackChannel;

/**
 * What rows pass through in a process, shared by its workers: room for them, the channel to the
 * endpoints, and what becomes of their ends.
 */
record RowPath(
    RowRoom room, PackChannel channel, OutcomeClassifier classifier, RowSettler settler) {}

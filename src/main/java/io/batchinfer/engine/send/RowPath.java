package io.batchinfer.engine.send;

import io.batchinfer.pack.PackChannel;
import io.batchinfer.watch.WorkObserver;

/**
 * What rows pass through in a process, shared by its workers: room for them, the channel to the
 * endpoints, what becomes of their ends, and who is told of these.
 */
record RowPath(
    RowRoom room,
    PackChannel channel,
    OutcomeClassifier classifier,
    RowSettler settler,
    WorkObserver observer) {}

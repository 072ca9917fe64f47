package io.batchinfer.engine.send;

import io.batchinfer.pack.PackChannel;
import io.batchinfer.time.Ticker;
import io.batchinfer.watch.WorkObserver;

/**
 * What rows pass through in a process, shared by its workers: room for them, the channel to the
 * endpoints, what becomes of their ends, who is told of these, and by which time they are measured.
 */
record RowPath(
    RowRoom room,
    PackChannel channel,
    OutcomeClassifier classifier,
    RowSettler settler,
    WorkObserver observer,
    Ticker ticker) {}

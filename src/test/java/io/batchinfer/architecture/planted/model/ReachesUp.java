package io.batchinfer.architecture.planted.model;

import io.batchinfer.architecture.planted.row.ReachesDown;

/** A model that knows its text. */
public record ReachesUp(ReachesDown form) {}

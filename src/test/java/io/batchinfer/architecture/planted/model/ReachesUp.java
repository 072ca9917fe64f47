package io.batchinfer.architecture.planted.model;

import io.batchinfer.architecture.planted.wire.ReachesDown;

/** A model that knows its wire form. */
public record ReachesUp(ReachesDown form) {}

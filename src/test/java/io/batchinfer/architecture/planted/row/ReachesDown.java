package io.batchinfer.architecture.planted.row;

import io.batchinfer.architecture.planted.model.ReachesUp;
import java.util.List;

/** Half of a cycle. */
public record ReachesDown(List<ReachesUp> models) {}

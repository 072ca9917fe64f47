package io.batchinfer.model;

import java.util.List;

/**
 * The models of the rows that can be sent, in input order.
 *
 * @param listed as many as are kept
 * @param unlistedRows rows of still other models
 */
public record PlannedModels(List<PlannedModel> listed, long unlistedRows) {
  /** Those of a plan without rows to send, or of one that an earlier version made. */
  public static final PlannedModels NONE = new PlannedModels(List.of(), 0);

  public PlannedModels {
    listed = List.copyOf(listed);
  }
}

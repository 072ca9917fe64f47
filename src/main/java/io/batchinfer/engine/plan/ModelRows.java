package io.batchinfer.engine.plan;

import io.batchinfer.model.PlannedModel;
import io.batchinfer.model.PlannedModels;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts the rows of every model. A name is whatever a row says, so only a bounded number of them
 * is kept. Not thread-safe.
 */
final class ModelRows {
  private static final int MOST_MODELS = 1_000;
  private static final int LONGEST_NAME = 200;

  private final Map<String, PlannedModel> models = new LinkedHashMap<>();
  private long unlistedRows;

  /** Counts rows of which the first stands on that line of that file. */
  void add(String model, long rows, int file, long line) {
    PlannedModel known = models.get(model);
    if (known != null) {
      models.put(model, new PlannedModel(model, known.rows() + rows, known.file(), known.line()));
    } else if (models.size() < MOST_MODELS && model.length() <= LONGEST_NAME) {
      models.put(model, new PlannedModel(model, rows, file, line));
    } else {
      unlistedRows += rows;
    }
  }

  void addUnlisted(long rows) {
    unlistedRows += rows;
  }

  /** In the order in which they came. */
  PlannedModels all() {
    return new PlannedModels(models.values().stream().toList(), unlistedRows);
  }
}

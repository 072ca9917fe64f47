package io.batchinfer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.PlannedModel;
import io.batchinfer.model.PlannedModels;
import org.junit.jupiter.api.Test;

class ModelRowsTest {
  @Test
  void onlySoManyModelsAreKept() {
    ModelRows rows = new ModelRows();
    for (int i = 0; i < 1_500; i++) {
      rows.add("model-" + i, 2, 0, i + 1);
    }
    rows.add("model-3", 5, 0, 9_000);
    rows.add("x".repeat(201), 1, 0, 9_001);

    PlannedModels all = rows.all();
    assertThat(all.listed()).hasSize(1_000);
    assertThat(all.listed().get(3)).isEqualTo(new PlannedModel("model-3", 7, 0, 4));
    assertThat(all.unlistedRows()).isEqualTo(1_001);
  }
}

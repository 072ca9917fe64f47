package io.batchinfer.cli;

import io.batchinfer.engine.plan.ModelLoad;
import io.batchinfer.estimate.CostEstimate;
import io.batchinfer.estimate.ModelPrice;
import io.batchinfer.estimate.PriceTable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What an input will probably cost.
 *
 * @param models models in the order of their names
 */
record CostForecast(List<ModelCost> models) {
  CostForecast {
    models = List.copyOf(models);
  }

  /**
   * One model's share; no price where none is known, and no cost where it depends on more than
   * tokens.
   */
  record ModelCost(String model, ModelLoad load, Optional<ModelPrice> price) {
    Optional<CostEstimate> cost() {
      return price
          .filter(known -> !known.countsMoreThanTokens())
          .map(known -> CostEstimate.of(load.tokens(), known));
    }

    String shownModel() {
      return model.isEmpty() ? "(no model named)" : model;
    }
  }

  static CostForecast of(
      SortedMap<String, ModelLoad> loads, PriceTable prices, Optional<String> provider) {
    List<ModelCost> models = new ArrayList<>();
    for (Map.Entry<String, ModelLoad> load : loads.entrySet()) {
      models.add(
          new ModelCost(load.getKey(), load.getValue(), prices.find(provider, load.getKey())));
    }
    return new CostForecast(models);
  }

  /** The cost of all; empty where a price is unknown or the currencies differ. */
  Optional<CostEstimate> total() {
    List<CostEstimate> costs = models.stream().flatMap(model -> model.cost().stream()).toList();
    boolean known =
        !costs.isEmpty()
            && costs.size() == models.size()
            && costs.stream().map(CostEstimate::currency).distinct().count() == 1;
    return known
        ? Optional.of(
            new CostEstimate(
                costs.stream().map(CostEstimate::low).reduce(BigDecimal.ZERO, BigDecimal::add),
                costs.stream().map(CostEstimate::expected).reduce(BigDecimal.ZERO, BigDecimal::add),
                costs.stream().map(CostEstimate::high).reduce(BigDecimal.ZERO, BigDecimal::add),
                costs.get(0).currency()))
        : Optional.empty();
  }
}

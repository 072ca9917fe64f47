package io.batchinfer.cli;

import io.batchinfer.engine.plan.ModelLoad;
import io.batchinfer.estimate.CostEstimate;
import io.batchinfer.estimate.ModelPrice;
import io.batchinfer.estimate.PriceTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * What an input will probably cost.
 *
 * @param models models in the order of their names
 */
record CostForecast(List<ModelCost> models) {
  CostForecast {
    models = List.copyOf(models);
  }

  /** One model's share; no price where none is known. */
  record ModelCost(String model, ModelLoad load, Optional<ModelPrice> price) {
    /** Whether tokens are all that it is paid by, and have a price. */
    boolean isPriced() {
      return price.filter(known -> !known.countsMoreThanTokens()).isPresent();
    }

    /** The price of one that has one. */
    ModelPrice known() {
      return price.orElseThrow();
    }

    /** Empty where the price is unknown, or depends on more than tokens. */
    Optional<CostEstimate> cost() {
      return isPriced() ? Optional.of(CostEstimate.of(load.tokens(), known())) : Optional.empty();
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
    return models.stream().allMatch(ModelCost::isPriced)
        ? CostEstimate.sum(models.stream().flatMap(model -> model.cost().stream()).toList())
        : Optional.empty();
  }

  /** All ways to pay, side by side. */
  List<CostWay.Sum> ways() {
    return Stream.of(CostWay.values()).map(way -> way.of(models)).toList();
  }

  /** Prompt tokens that a cache serves, where rows are ordered for it. */
  long cachedTokens() {
    return models.stream().mapToLong(model -> model.load().cached()).sum();
  }

  long promptTokens() {
    return models.stream().mapToLong(model -> model.load().tokens().promptTokens()).sum();
  }
}

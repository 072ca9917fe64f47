package io.batchinfer.cli;

import io.batchinfer.cli.CostForecast.ModelCost;
import io.batchinfer.engine.plan.ModelLoad;
import io.batchinfer.estimate.CostEstimate;
import io.batchinfer.estimate.ModelPrice;
import io.batchinfer.estimate.TokenEstimate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A way in which the rows of an input can be paid, each with what the ones before it save. */
enum CostWay {
  /** Every row is sent. */
  AS_IT_STANDS("every row sent") {
    @Override
    TokenEstimate tokens(ModelLoad load) {
      return load.tokens().plus(load.equal()).plus(load.reused());
    }
  },

  /** Rows that an earlier output answers are not. */
  REUSED("with the answers of earlier outputs") {
    @Override
    TokenEstimate tokens(ModelLoad load) {
      return load.tokens().plus(load.equal());
    }
  },

  /** Nor are rows that are equal to another. */
  DEDUPLICATED("equal rows once"),

  /** Rows that begin alike go out together, and a cache has what they begin with. */
  ORDERED("in an order for the cache") {
    @Override
    Optional<String> unknown(ModelCost model) {
      return model.load().cached() > 0 && model.known().cachedPerMillion().isEmpty()
          ? Optional.of("the price of cached input")
          : Optional.empty();
    }

    @Override
    CostEstimate priced(ModelLoad load, ModelPrice price) {
      return CostEstimate.of(load.tokens(), load.cached(), price);
    }
  },

  /** Through the provider's own batch service instead, where nothing is said of a cache. */
  BATCH("via the provider's batch service") {
    @Override
    Optional<String> unknown(ModelCost model) {
      return model.known().batchDiscount().isEmpty()
          ? Optional.of("what a batch service takes off")
          : Optional.empty();
    }

    @Override
    CostEstimate priced(ModelLoad load, ModelPrice price) {
      return CostEstimate.of(load.tokens(), price).less(price.batchDiscount().orElseThrow());
    }
  };

  private final String words;

  CostWay(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }

  /** Its name in JSON. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What is paid. */
  TokenEstimate tokens(ModelLoad load) {
    return load.tokens();
  }

  /** What is not known of a model whose tokens have a price. */
  Optional<String> unknown(ModelCost model) {
    return Optional.empty();
  }

  CostEstimate priced(ModelLoad load, ModelPrice price) {
    return CostEstimate.of(tokens(load), price);
  }

  /**
   * What it comes to.
   *
   * @param cost empty where something is not known
   * @param unknown what that is, and of which models
   */
  record Sum(CostWay way, Optional<CostEstimate> cost, Optional<String> unknown) {}

  /** Over all models; nothing is guessed where one has no price. */
  Sum of(List<ModelCost> models) {
    for (ModelCost model : models) {
      Optional<String> unknown =
          model.isPriced() ? unknown(model) : Optional.of("the price of its tokens");
      if (unknown.isPresent()) {
        return new Sum(
            this,
            Optional.empty(),
            Optional.of("it is not known of %s: %s".formatted(model.shownModel(), unknown.get())));
      }
    }
    Optional<CostEstimate> sum =
        CostEstimate.sum(
            models.stream().map(model -> priced(model.load(), model.known())).toList());
    return new Sum(
        this,
        sum,
        sum.isEmpty() ? Optional.of("prices are in several currencies") : Optional.empty());
  }
}

package io.batchinfer.quota;

import java.util.Comparator;
import java.util.List;

/**
 * What one of several could use of something they share, and its weight. Compared by identity:
 * equal demands stay distinct.
 */
final class Demand {
  private final double demand;
  private final double weight;

  Demand(double demand, double weight) {
    this.demand = demand;
    this.weight = weight;
  }

  /** The max-min fair share of a demand, and an equal part of what nobody needs. */
  static double share(Demand asking, List<Demand> demands, double total) {
    List<Demand> modestFirst =
        demands.stream()
            .sorted(Comparator.comparingDouble(demand -> demand.demand / demand.weight))
            .toList();
    double left = total;
    double weights = demands.stream().mapToDouble(demand -> demand.weight).sum();
    double share = 0;
    for (Demand demand : modestFirst) {
      double part = Math.min(demand.demand, left * demand.weight / weights);
      share = demand == asking ? part : share;
      left -= part;
      weights -= demand.weight;
    }
    return share + left / demands.size();
  }
}

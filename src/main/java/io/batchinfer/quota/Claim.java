package io.batchinfer.quota;

import java.util.Comparator;
import java.util.List;

/**
 * What somebody could use of something that is shared, and how much it weighs. Every claim is
 * itself, whatever equal ones there are.
 */
final class Claim {
  private final double demand;
  private final double weight;

  Claim(double demand, double weight) {
    this.demand = demand;
    this.weight = weight;
  }

  /** The max-min share of a claim, and an equal part of what nobody needs. */
  static double share(Claim asking, List<Claim> claims, double total) {
    List<Claim> modestFirst =
        claims.stream()
            .sorted(Comparator.comparingDouble(claim -> claim.demand / claim.weight))
            .toList();
    double left = total;
    double weights = claims.stream().mapToDouble(claim -> claim.weight).sum();
    double share = 0;
    for (Claim claim : modestFirst) {
      double part = Math.min(claim.demand, left * claim.weight / weights);
      share = claim == asking ? part : share;
      left -= part;
      weights -= claim.weight;
    }
    return share + left / claims.size();
  }
}

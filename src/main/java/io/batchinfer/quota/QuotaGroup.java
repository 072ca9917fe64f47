package io.batchinfer.quota;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * Runs that have one share of every endpoint they use, such as those of a workspace, and one limit
 * on what they have under way at all endpoints together. Thread-safe; takes no other lock.
 */
public final class QuotaGroup {
  private final double weight;
  private final IntSupplier most;

  @GuardedBy("this")
  private final Map<EndpointQuota, Use> uses = new LinkedHashMap<>();

  /**
   * What the group has at an endpoint.
   *
   * @param held slots that may be in use
   * @param demand slots that it could use
   */
  record Use(int held, int demand) {}

  /**
   * @param weight the group's share of an endpoint, relative to other groups
   * @param most how many requests its runs may have under way together; read whenever it matters
   */
  public QuotaGroup(double weight, IntSupplier most) {
    this.weight = weight;
    this.most = most;
  }

  /** A group without a limit of its own. */
  public static QuotaGroup of(double weight) {
    return new QuotaGroup(weight, () -> Integer.MAX_VALUE);
  }

  double weight() {
    return weight;
  }

  boolean isLimited() {
    return most.getAsInt() != Integer.MAX_VALUE;
  }

  /** Notes what the group has at an endpoint. */
  synchronized void uses(EndpointQuota endpoint, Use use) {
    uses.put(endpoint, use);
  }

  synchronized void leaves(EndpointQuota endpoint) {
    uses.remove(endpoint);
  }

  /**
   * Most slots at an endpoint: its max-min share, as far as other endpoints have given theirs back.
   */
  synchronized int most(EndpointQuota endpoint) {
    int all = most.getAsInt();
    if (all == Integer.MAX_VALUE) {
      return all;
    }
    int heldElsewhere = 0;
    Demand own = new Demand(uses.containsKey(endpoint) ? uses.get(endpoint).demand() : 0, 1);
    List<Demand> claims = new ArrayList<>(List.of(own));
    for (Map.Entry<EndpointQuota, Use> other : uses.entrySet()) {
      if (other.getKey() != endpoint) {
        heldElsewhere += other.getValue().held();
        claims.add(new Demand(other.getValue().demand(), 1));
      }
    }
    double share = Math.ceil(Demand.share(own, claims, all));
    return (int) Math.max(0, Math.min(share, all - heldElsewhere));
  }
}

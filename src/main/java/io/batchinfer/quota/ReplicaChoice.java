package io.batchinfer.quota;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.quota.LoadBalancer.Target;
import java.util.Comparator;
import java.util.List;

/**
 * Which of several replicas an attempt goes to. Asked when the attempt can go out, so that what is
 * sent and how busy everything is are known at once. Called under a lock; must be short.
 */
@FunctionalInterface
interface ReplicaChoice {
  /** The one with the fewest attempts under way, whatever is sent; the first of several such. */
  ReplicaChoice LEAST_BUSY =
      (request, open) -> open.stream().min(Comparator.comparingInt(Target::taken)).orElseThrow();

  /**
   * One of those.
   *
   * @param open healthy replicas that have a free slot, one at least, each time beginning with
   *     another
   */
  Target of(OutboundRequest request, List<Target> open);
}

package io.batchinfer.quota;

import io.batchinfer.client.OutboundRequest;
import java.util.List;

/**
 * Which of several replicas an attempt goes to. Asked when the attempt can go out, so that what is
 * sent and how busy everything is are known at once. Called under a lock; must be short.
 */
@FunctionalInterface
interface ReplicaChoice {
  /** The one with the fewest attempts under way, whatever is sent; the first of several such. */
  ReplicaChoice LEAST_BUSY =
      (request, open) -> {
        Target least = open.get(0);
        for (Target target : open) {
          if (target.taken() < least.taken()) {
            least = target;
          }
        }
        return least;
      };

  /**
   * Requests that begin alike go to one replica, whose cache then has what they begin with, as long
   * as that one has no more than its share under way, and a quarter of that. Requests that are like
   * no other go to the least busy.
   */
  ReplicaChoice BY_GROUP =
      (request, open) -> {
        if (request.group() == 0 || open.size() == 1) {
          return LEAST_BUSY.of(request, open);
        }
        List<Target> withRoom =
            open.stream().filter(target -> isWithinShare(target, open)).toList();
        return withRoom.isEmpty() ? LEAST_BUSY.of(request, open) : home(request.group(), withRoom);
      };

  /** What a replica may have under way beyond its share for the sake of its cache. */
  double SLACK = 1.25;

  /**
   * The first in an order of the replicas that is the group's own and hardly changes with them.
   *
   * @param replicas one at least
   */
  static Target home(long group, List<Target> replicas) {
    Target home = replicas.get(0);
    long best = score(group, home.replica().name().hashCode());
    for (Target replica : replicas) {
      long score = score(group, replica.replica().name().hashCode());
      if (score > best) {
        home = replica;
        best = score;
      }
    }
    return home;
  }

  /** Whether a replica may have one more than it has, and a quarter beyond its share. */
  static boolean isWithinShare(Target target, List<Target> replicas) {
    int underWay = replicas.stream().mapToInt(Target::taken).sum() + 1;
    return target.taken() < (int) Math.ceil(SLACK * underWay / replicas.size());
  }

  /** As even as if it were by chance (the last steps of MurmurHash3). */
  private static long score(long group, int replica) {
    long mixed = group ^ replica * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ mixed >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ mixed >>> 33;
  }

  /**
   * One of those.
   *
   * @param open healthy replicas that have a free slot, one at least, each time beginning with
   *     another
   */
  Target of(OutboundRequest request, List<Target> open);
}

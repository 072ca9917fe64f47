package io.batchinfer.quota;

import io.batchinfer.policy.AdaptiveLimit;
import io.batchinfer.quota.ReplicaReport.Round;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Attempts that may be under way at once, at one replica or at all of them together, and how they
 * are shared: among runs by weight, among the processes of a run equally, and what one does not
 * need goes to the others. Not thread-safe.
 */
final class SlotPool {
  private final @Nullable Replica replica;
  private int position;
  private int pools = 1;
  private int most;
  private final @Nullable AdaptiveLimit adaptive;
  private long seenRound;
  private Round measured = Round.NONE;

  private SlotPool(@Nullable Replica replica, int most, @Nullable AdaptiveLimit adaptive) {
    this.replica = replica;
    this.most = most;
    this.adaptive = adaptive;
  }

  static SlotPool fixed(int limit) {
    return new SlotPool(null, limit, null);
  }

  /**
   * @param patience how long an attempt may wait for others
   */
  static SlotPool adaptive(Replica replica, Duration patience) {
    return new SlotPool(
        replica,
        QuotaLimits.MOST_ADAPTIVE,
        new AdaptiveLimit(QuotaLimits.MOST_ADAPTIVE, patience.toMillis() / 1e3));
  }

  /** The replica whose slots they are, or null where they are for all together. */
  @Nullable Replica replica() {
    return replica;
  }

  /** Notes its position among the pools of the endpoint. */
  void stands(int at, int among) {
    position = at;
    pools = among;
  }

  /** Its part of what the pools of the endpoint have together. */
  int partOf(int all) {
    return all / pools + (position < all % pools ? 1 : 0);
  }

  /** Requests a second that may go there, 0 for any number. */
  void rate(double perSecond) {
    if (adaptive != null) {
      adaptive.rate(perSecond);
    }
  }

  int limit() {
    return adaptive == null ? most : Math.min(most, adaptive.limit());
  }

  /** Keeps to so many slots from now on, whatever the endpoint could take. */
  void restrict(int slots) {
    most = slots;
  }

  long round() {
    return adaptive == null ? 0 : adaptive.round();
  }

  /**
   * Takes in what a process saw at the replica since its last report.
   *
   * @param all what is under way there, of all processes
   */
  void observe(@Nullable ReplicaReport before, ReplicaReport report, UnderWay all, long now) {
    if (adaptive == null) {
      return;
    }
    ReplicaReport known = before == null ? ReplicaReport.of(report.name()) : before;
    adaptive.refused(
        report.refusals() - known.refusals(), report.signs().alive() - known.signs().alive(), now);
    Round current = report.round();
    if (current.number() == adaptive.round()) {
      boolean goesOn = before != null && before.round().number() == current.number();
      Round counted = goesOn && before != null ? before.round() : Round.NONE;
      measured = measured.plus(current.minus(counted));
      adaptive.observe(
          new AdaptiveLimit.Answers(
              measured.answers(), measured.attemptNanos() / 1e9, (double) measured.work()),
          new AdaptiveLimit.UnderWay(all.inFlight(), all.silent(), all.leftLying()),
          now);
    }
    if (adaptive.round() != seenRound) {
      seenRound = adaptive.round();
      measured = Round.NONE;
    }
  }

  /**
   * Slots for a process: its fair share, as far as others have given theirs back.
   *
   * @param runs the runs that share the pool
   */
  int grant(ProcessView asking, List<QuotaAuthority> runs) {
    long heldByOthers = 0;
    long heldInGroup = 0;
    for (QuotaAuthority run : runs) {
      for (ProcessView session : run.processes()) {
        int held = session == asking ? 0 : session.held(this);
        heldByOthers += held;
        heldInGroup += run.group() == asking.run().group() ? held : 0;
      }
    }
    int share = Math.min(fairShare(asking, runs), canaryShare(asking));
    long free = Math.min(limit() - heldByOthers, asking.run().most(this) - heldInGroup);
    int slots = (int) Math.max(0, Math.min(share, free));
    if (slots == 0 && mayProbe(asking, heldByOthers, heldInGroup)) {
      slots = 1;
    }
    asking.grantSlots(this, slots);
    return slots;
  }

  /**
   * Whether a run that has no slot may have one beyond the limit: that is an estimate, which long
   * answers of others keep low for as long as they take.
   */
  private boolean mayProbe(ProcessView asking, long heldByOthers, long heldInGroup) {
    boolean estimated =
        adaptive != null && heldByOthers < most && heldInGroup < asking.run().most(this);
    if (!estimated || canaryShare(asking) == 0) {
      return false;
    }
    for (ProcessView session : asking.run().processes()) {
      if (session != asking && session.held(this) > 0) {
        return false;
      }
    }
    return asking.demand(this) > 0;
  }

  /** Until its first success a run has only a few slots, whatever its share. */
  private int canaryShare(ProcessView asking) {
    int canaries = asking.run().canaries(this);
    if (canaries == Integer.MAX_VALUE) {
      return canaries;
    }
    for (ProcessView session : asking.run().processes()) {
      canaries -= session == asking ? 0 : session.held(this);
    }
    return Math.max(0, canaries);
  }

  private int fairShare(ProcessView asking, List<QuotaAuthority> runs) {
    int ofRun =
        runs.size() == 1
            ? Math.min(limit(), asking.run().most(this))
            : shareOfRun(asking.run(), runs);
    ofRun = Math.min(ofRun, asking.run().canaries(this));
    int sharers = 0;
    for (ProcessView session : asking.run().processes()) {
      sharers += session.knows(this) ? 1 : 0;
    }
    int equal = (ofRun + sharers - 1) / sharers;
    int place = 0;
    int seen = 0;
    int least = Integer.MAX_VALUE;
    long demands = 0;
    for (ProcessView session : asking.run().processes()) {
      if (!session.knows(this)) {
        continue;
      }
      place = session == asking ? seen : place;
      seen++;
      int demand = session.demand(this);
      least = Math.min(least, demand);
      demands += demand;
    }
    // The two common cases, in which nothing has to be sorted.
    if (least >= equal) {
      int atLeast = ofRun / seen;
      return place < ofRun % seen ? atLeast + 1 : atLeast;
    }
    if (demands <= ofRun) {
      return asking.demand(this) + (ofRun - (int) demands) / seen;
    }
    return fairShareOfUnequals(asking, ofRun);
  }

  private int fairShareOfUnequals(ProcessView asking, int ofRun) {
    List<ProcessView> modestFirst =
        asking.run().processes().stream()
            .filter(session -> session.knows(this))
            .sorted(Comparator.comparingInt((ProcessView session) -> session.demand(this)))
            .toList();
    int left = ofRun;
    int remaining = modestFirst.size();
    int share = 0;
    for (ProcessView session : modestFirst) {
      int part = Math.min(session.demand(this), (left + remaining - 1) / remaining);
      if (session == asking) {
        share = part;
      }
      left -= part;
      remaining--;
    }
    return share + left / modestFirst.size();
  }

  /** Max-min among groups by weight, and within the group among its runs. */
  private int shareOfRun(QuotaAuthority asking, List<QuotaAuthority> runs) {
    Map<QuotaGroup, List<QuotaAuthority>> groups = new LinkedHashMap<>();
    runs.forEach(run -> groups.computeIfAbsent(run.group(), any -> new ArrayList<>()).add(run));
    List<Demand> claims = new ArrayList<>();
    Demand ofAsking = new Demand(0, 0);
    for (Map.Entry<QuotaGroup, List<QuotaAuthority>> group : groups.entrySet()) {
      QuotaAuthority any = group.getValue().get(0);
      long demand = group.getValue().stream().mapToLong(run -> run.demand(this)).sum();
      Demand claim = new Demand(Math.min(demand, any.most(this)), group.getKey().weight());
      claims.add(claim);
      ofAsking = group.getKey() == asking.group() ? claim : ofAsking;
    }
    double share = Math.min(Demand.share(ofAsking, claims, limit()), asking.most(this));
    List<QuotaAuthority> peers = groups.getOrDefault(asking.group(), List.of());
    List<Demand> within = new ArrayList<>();
    Demand own = ofAsking;
    for (QuotaAuthority run : peers) {
      Demand claim = new Demand(run.demand(this), 1);
      within.add(claim);
      own = run == asking ? claim : own;
    }
    return (int) Math.ceil(Demand.share(own, within, share));
  }
}

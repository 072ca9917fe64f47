package io.batchinfer.quota;

import io.batchinfer.policy.AdaptiveLimit;
import io.batchinfer.quota.QuotaRequest.ReplicaReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
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
  private final int index;
  private int most;
  private final @Nullable AdaptiveLimit adaptive;
  private long seenRound;
  private long answers;
  private long attemptNanos;
  private long work;

  /**
   * Attempts under way at a replica.
   *
   * @param silent those on connections that have not answered anything yet
   * @param leftLying those of these that wait for much longer than answers take
   */
  record UnderWay(int inFlight, int silent, int leftLying) {
    static final UnderWay NOTHING = new UnderWay(0, 0, 0);

    UnderWay plus(ReplicaReport report) {
      return new UnderWay(
          inFlight + report.inFlight(), silent + report.silent(), leftLying + report.leftLying());
    }
  }

  private SlotPool(int index, int most, @Nullable AdaptiveLimit adaptive) {
    this.index = index;
    this.most = most;
    this.adaptive = adaptive;
  }

  static SlotPool fixed(int limit) {
    return new SlotPool(0, limit, null);
  }

  /**
   * @param patience how long an attempt may wait for others
   */
  static SlotPool adaptive(int index, Duration patience) {
    return new SlotPool(
        index,
        QuotaLimits.MOST_ADAPTIVE,
        new AdaptiveLimit(QuotaLimits.MOST_ADAPTIVE, patience.toMillis() / 1e3));
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
    adaptive.refused(report.refusals() - (before == null ? 0 : before.refusals()), now);
    long round = adaptive.round();
    if (report.round() == round) {
      ReplicaReport counted =
          before != null && before.round() == round ? before : ReplicaReport.NONE;
      answers += report.answers() - counted.answers();
      attemptNanos += report.attemptNanos() - counted.attemptNanos();
      work += report.work() - counted.work();
      adaptive.observe(
          answers,
          attemptNanos / 1e9,
          (double) work,
          all.inFlight(),
          all.silent(),
          all.leftLying(),
          now);
    }
    if (adaptive.round() == seenRound) {
      return;
    }
    seenRound = adaptive.round();
    answers = 0;
    attemptNanos = 0;
    work = 0;
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
        int held = session == asking ? 0 : session.held(index);
        heldByOthers += held;
        heldInGroup += run.group() == asking.run().group() ? held : 0;
      }
    }
    int share = Math.min(fairShare(asking, runs), canaryShare(asking));
    long free = Math.min(limit() - heldByOthers, asking.run().most(index) - heldInGroup);
    int slots = (int) Math.max(0, Math.min(share, free));
    if (slots == 0 && mayProbe(asking, heldByOthers, heldInGroup)) {
      slots = 1;
    }
    asking.grantSlots(index, slots);
    return slots;
  }

  /**
   * Whether a run that has no slot may have one beyond the limit: that is an estimate, which long
   * answers of others keep low for as long as they take.
   */
  private boolean mayProbe(ProcessView asking, long heldByOthers, long heldInGroup) {
    boolean estimated =
        adaptive != null && heldByOthers < most && heldInGroup < asking.run().most(index);
    if (!estimated || canaryShare(asking) == 0) {
      return false;
    }
    for (ProcessView session : asking.run().processes()) {
      if (session != asking && session.held(index) > 0) {
        return false;
      }
    }
    return asking.demand(index) > 0;
  }

  /** Until its first success a run has only a few slots, whatever its share. */
  private int canaryShare(ProcessView asking) {
    int canaries = asking.run().canaries(index);
    if (canaries == Integer.MAX_VALUE) {
      return canaries;
    }
    for (ProcessView session : asking.run().processes()) {
      canaries -= session == asking ? 0 : session.held(index);
    }
    return Math.max(0, canaries);
  }

  private int fairShare(ProcessView asking, List<QuotaAuthority> runs) {
    int ofRun =
        runs.size() == 1
            ? Math.min(limit(), asking.run().most(index))
            : shareOfRun(asking.run(), runs);
    ofRun = Math.min(ofRun, asking.run().canaries(index));
    Collection<ProcessView> sessions = asking.run().processes();
    int equal = (ofRun + sessions.size() - 1) / sessions.size();
    int place = 0;
    int seen = 0;
    int least = Integer.MAX_VALUE;
    long demands = 0;
    for (ProcessView session : sessions) {
      place = session == asking ? seen : place;
      seen++;
      int demand = session.demand(index);
      least = Math.min(least, demand);
      demands += demand;
    }
    // The two common cases, in which nothing has to be sorted.
    if (least >= equal) {
      int atLeast = ofRun / seen;
      return place < ofRun % seen ? atLeast + 1 : atLeast;
    }
    if (demands <= ofRun) {
      return asking.demand(index) + (ofRun - (int) demands) / seen;
    }
    return fairShareOfUnequals(asking, sessions, ofRun);
  }

  private int fairShareOfUnequals(ProcessView asking, Collection<ProcessView> sessions, int ofRun) {
    List<ProcessView> modestFirst =
        sessions.stream()
            .sorted(Comparator.comparingInt((ProcessView session) -> session.demand(index)))
            .toList();
    int left = ofRun;
    int remaining = modestFirst.size();
    int share = 0;
    for (ProcessView session : modestFirst) {
      int part = Math.min(session.demand(index), (left + remaining - 1) / remaining);
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
      long demand = group.getValue().stream().mapToLong(run -> run.demand(index)).sum();
      Demand claim = new Demand(Math.min(demand, any.most(index)), group.getKey().weight());
      claims.add(claim);
      ofAsking = group.getKey() == asking.group() ? claim : ofAsking;
    }
    double share = Math.min(Demand.share(ofAsking, claims, limit()), asking.most(index));
    List<QuotaAuthority> peers = groups.getOrDefault(asking.group(), List.of());
    List<Demand> within = new ArrayList<>();
    Demand own = ofAsking;
    for (QuotaAuthority run : peers) {
      Demand claim = new Demand(run.demand(index), 1);
      within.add(claim);
      own = run == asking ? claim : own;
    }
    return (int) Math.ceil(Demand.share(own, within, share));
  }
}

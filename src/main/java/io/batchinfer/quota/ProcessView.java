package io.batchinfer.quota;

import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaRequest.Progress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the authority knows of one process that sends for a run: its side is a {@link QuotaSession}.
 * Not thread-safe.
 */
final class ProcessView {
  private final QuotaAuthority run;

  /** What the last answer granted of the slots for all replicas together. */
  private int slots;

  /** What it has at each replica, by the replica's place; null where it reports nothing. */
  private @Nullable AtReplica[] places = {};

  private List<Replica> replicas = List.of();

  private @Nullable QuotaRequest last;
  private long seenAt;
  private long grantedTokens;

  /** Rows that it was served, not less than what others had when it came. */
  private long served;

  /** What it may have spent of each budget, by answers that it heard or may yet hear. */
  private double[] allowed = {};

  private long heardAt;
  private long madeWayAt;

  ProcessView(QuotaAuthority run) {
    this.run = run;
  }

  /** When it last was to close connections for those of others. */
  long madeWayAt() {
    return madeWayAt;
  }

  void makesWay(long now) {
    madeWayAt = now;
  }

  /** Notes that the endpoint answered it, or that it has only begun. */
  void heard(long now) {
    heardAt = now;
  }

  /** When the endpoint last answered it. */
  long heardAt() {
    return heardAt;
  }

  QuotaAuthority run() {
    return run;
  }

  /** Whether a question is older than one that it has asked since. */
  boolean hasAskedSince(QuotaRequest request) {
    return last != null && request.number() < last.number();
  }

  long seenAt() {
    return seenAt;
  }

  /** What it has at one replica. */
  private static final class AtReplica {
    private final Replica replica;
    private @Nullable ReplicaReport report;

    /** What the last answer granted. */
    private int slots;

    private AtReplica(Replica replica) {
      this.replica = replica;
    }
  }

  /** Takes in which replicas it reports from now on. */
  void reports(List<Replica> now) {
    if (now == replicas) {
      return;
    }
    int length = 0;
    for (Replica replica : now) {
      length = Math.max(length, replica.place() + 1);
    }
    @Nullable AtReplica[] kept = new AtReplica[length];
    for (Replica replica : now) {
      @Nullable AtReplica before = at(replica);
      kept[replica.place()] = before == null ? new AtReplica(replica) : before;
    }
    places = kept;
    replicas = now;
  }

  void forgetReplicas() {
    reports(List.of());
  }

  /** Those that it reports, in the order of its reports. */
  List<Replica> replicas() {
    return replicas;
  }

  private @Nullable AtReplica at(Replica replica) {
    int place = replica.place();
    @Nullable AtReplica found = place < places.length ? places[place] : null;
    return found != null && found.replica == replica ? found : null;
  }

  /**
   * Takes in a report on the replicas that are known to be in it; what was granted in answers that
   * got lost is forgotten.
   */
  void report(QuotaRequest request, long now) {
    last = request;
    seenAt = now;
    grantedTokens = request.held().receivedTokens();
    allowed = request.held().allowed();
    for (int i = 0; i < replicas.size(); i++) {
      @Nullable AtReplica there = at(replicas.get(i));
      if (there != null) {
        there.report = request.replicas().get(i);
      }
    }
  }

  long unheardTokens(QuotaRequest request) {
    return grantedTokens - request.held().receivedTokens();
  }

  String detail() {
    return last == null ? "" : last.observed().detail();
  }

  long tokenRefund() {
    return last == null ? 0 : last.totals().tokenRefund();
  }

  long count(StatusMeaning meaning) {
    return last == null ? 0 : last.count(meaning);
  }

  /** What it last reported of a replica, or null where that is nothing. */
  @Nullable ReplicaReport reportOf(Replica replica) {
    @Nullable AtReplica there = at(replica);
    return there == null ? null : there.report;
  }

  /** Whether it can use slots of a pool. */
  boolean knows(SlotPool pool) {
    @Nullable Replica replica = pool.replica();
    return replica == null || at(replica) != null;
  }

  /** What it last reported to have done and to have under way. */
  ProcessReading reading() {
    return last == null
        ? ProcessReading.NOTHING
        : new ProcessReading(last.totals(), last.inFlight(), last.wanted().waiting());
  }

  Progress progress() {
    return last == null ? Progress.ZERO : last.totals().progress();
  }

  int inFlight() {
    return last == null ? 0 : last.inFlight();
  }

  /** Attempts that wait for a permit. */
  int waiting() {
    return last == null ? 0 : last.wanted().waiting();
  }

  /** Attempts that it could have under way at once if there were no limit. */
  int demand(SlotPool pool) {
    return last == null || !knows(pool) ? 0 : inFlight(pool) + last.wanted().waiting();
  }

  private int inFlight(SlotPool pool) {
    @Nullable Replica replica = pool.replica();
    if (replica == null) {
      return inFlight();
    }
    @Nullable ReplicaReport report = reportOf(replica);
    return report == null ? 0 : report.inFlight();
  }

  /** Slots that it may be using: an answer that lowers them counts only once it is heard. */
  int held(SlotPool pool) {
    if (last == null) {
      return 0;
    }
    @Nullable Replica replica = pool.replica();
    if (replica == null) {
      return Math.max(Math.max(slots, last.held().slots()), last.inFlight());
    }
    @Nullable AtReplica there = at(replica);
    if (there == null || there.report == null) {
      return 0;
    }
    return Math.max(Math.max(there.slots, there.report.slots()), there.report.inFlight());
  }

  void grantSlots(SlotPool pool, int count) {
    @Nullable Replica replica = pool.replica();
    @Nullable AtReplica there = replica == null ? null : at(replica);
    if (replica == null) {
      slots = count;
    } else if (there != null) {
      there.slots = count;
    }
  }

  /** Slots that it may use at all replicas together. */
  int slots() {
    return slots;
  }

  /** Slots that it may use at a replica alone. */
  int slots(Replica replica) {
    @Nullable AtReplica there = at(replica);
    return there == null ? 0 : there.slots;
  }

  boolean hasSlots() {
    for (Replica replica : replicas) {
      if (slots(replica) > 0) {
        return true;
      }
    }
    return slots > 0;
  }

  void grantRow(long tokens) {
    grantedTokens += tokens;
    served++;
  }

  long served() {
    return served;
  }

  void catchUpWith(long least) {
    served = Math.max(served, least);
  }

  /**
   * What it may have spent of a budget: an answer that lowers it counts only once it is heard. At
   * least what it has spent.
   */
  double held(int budget, Budget of) {
    double granted = budget < allowed.length ? allowed[budget] : 0;
    return Math.max(granted, spent(of));
  }

  double spent(Budget of) {
    return of.unit().of(usage());
  }

  Usage usage() {
    return last == null ? Usage.NONE : last.totals().used();
  }

  void allow(double[] upTo) {
    double[] may = upTo.clone();
    for (int i = 0; i < Math.min(may.length, allowed.length); i++) {
      may[i] = Math.max(may[i], allowed[i]);
    }
    allowed = may;
  }
}

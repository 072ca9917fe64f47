package io.batchinfer.quota;

import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.ReplicaReport;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the authority knows of one process that sends for a run: its side is a {@link QuotaSession}.
 * Not thread-safe.
 */
final class ProcessView {
  private final QuotaAuthority run;

  /** What the last answer granted. */
  private int[] slots = {};

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

  /** Takes in a report; what was granted in answers that got lost is forgotten. */
  void report(QuotaRequest request, long now) {
    last = request;
    seenAt = now;
    grantedTokens = request.receivedTokens();
    allowed = request.allowed();
  }

  long unheardTokens(QuotaRequest request) {
    return grantedTokens - request.receivedTokens();
  }

  String detail() {
    return last == null ? "" : last.detail();
  }

  long tokenRefund() {
    return last == null ? 0 : last.tokenRefund();
  }

  long count(StatusMeaning meaning) {
    return last == null ? 0 : last.count(meaning);
  }

  @Nullable ReplicaReport replica(int index) {
    return last == null || index >= last.replicas().length ? null : last.replicas()[index];
  }

  Progress progress() {
    return last == null ? Progress.ZERO : last.progress();
  }

  int inFlight() {
    return last == null ? 0 : last.inFlight();
  }

  /**
   * Attempts under way in a pool.
   *
   * @param pools how many pools there are: with one, it holds all replicas
   */
  private int inFlight(int pool, int pools) {
    if (last == null) {
      return 0;
    }
    return pools == 1 ? last.inFlight() : last.replicas()[pool].inFlight();
  }

  /** Attempts that it could have under way at once if there were no limit. */
  int demand(int pool) {
    return last == null ? 0 : inFlight(pool, slots.length) + last.waiting();
  }

  /** Slots that it may be using: an answer that lowers them counts only once it is heard. */
  int held(int pool) {
    if (last == null) {
      return 0;
    }
    int granted = pool < slots.length ? slots[pool] : 0;
    int inUse = pool < last.slots().length ? last.slots()[pool] : 0;
    return Math.max(Math.max(granted, inUse), inFlight(pool, Math.max(1, slots.length)));
  }

  void expectPools(int pools) {
    if (slots.length != pools) {
      slots = Arrays.copyOf(slots, pools);
    }
  }

  void grantSlots(int pool, int count) {
    slots[pool] = count;
  }

  int[] slots() {
    return slots.clone();
  }

  boolean hasSlots() {
    for (int count : slots) {
      if (count > 0) {
        return true;
      }
    }
    return false;
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
    return last == null ? Usage.NONE : last.used();
  }

  void allow(double[] upTo) {
    double[] may = upTo.clone();
    for (int i = 0; i < Math.min(may.length, allowed.length); i++) {
      may[i] = Math.max(may[i], allowed[i]);
    }
    allowed = may;
  }
}

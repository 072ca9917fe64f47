package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.ReplicaChannel;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.policy.AdaptiveLimit;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaRequest.ReplicaReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a process has under way at each replica, and where the next attempt goes: to the replica
 * with the fewest under way that has a free slot and is healthy. Slots count for all replicas
 * together or for each. Not thread-safe.
 */
final class LoadBalancer {
  /** Work is reported as a whole number of these parts of a usual answer. */
  private static final double WORK_UNIT = 1_000;

  private final List<Target> targets;
  private int[] slots = {};
  private long[] rounds = {};
  private final AnswerWork work = new AnswerWork();
  private int turn;

  LoadBalancer(List<ReplicaChannel> replicas) {
    targets = replicas.stream().map(Target::new).toList();
  }

  /** One replica. */
  static final class Target {
    private final ReplicaChannel replica;
    private final ReplicaGate gate = new ReplicaGate();
    private int underWay;

    /** Slots kept free for a moment, because the replica had no room. */
    private int withheld;

    private long refusals;
    private long stopRefusals;
    private long stopRefusalsReported;
    private long round;
    private long answers;
    private long attemptNanos;
    private long work;
    private long silentTimeouts;

    /** Whether it has more slots than in the last round, which its answers are to bear out. */
    private boolean grown;

    private Target(ReplicaChannel replica) {
      this.replica = replica;
    }

    ReplicaChannel replica() {
      return replica;
    }

    ReplicaGate gate() {
      return gate;
    }

    private int taken() {
      return underWay + withheld;
    }
  }

  /**
   * Takes slots and rounds from the answer to the last report. Slots that fit neither one replica
   * each nor all together are none.
   */
  void grant(int[] granted, long[] newRounds, ReplicaReport[] reported, boolean succeeded) {
    int[] before = slots;
    boolean fits = granted.length == 1 || granted.length == targets.size();
    slots = fits ? granted.clone() : new int[] {0};
    rounds = newRounds.length == slots.length ? newRounds : new long[slots.length];
    for (int i = 0; i < targets.size(); i++) {
      Target target = targets.get(i);
      // What was refused since the report is not in the answer yet.
      long refused = isPerReplica() ? target.refusals - reported[i].refusals() : 0;
      long stopping = succeeded ? 0 : target.stopRefusals - target.stopRefusalsReported;
      slots[pool(i)] -= (int) (refused + stopping);
      long currentRound = rounds[pool(i)];
      if (currentRound != target.round) {
        target.grown = pool(i) < before.length && slots[pool(i)] > before[pool(i)];
        target.round = currentRound;
        target.answers = 0;
        target.attemptNanos = 0;
        target.work = 0;
      }
    }
  }

  /** Takes in what other processes know of the replicas. */
  void hear(List<QuotaReply.Elsewhere> elsewhere) {
    for (int i = 0; i < Math.min(targets.size(), elsewhere.size()); i++) {
      QuotaReply.Elsewhere told = elsewhere.get(i);
      targets.get(i).replica.silent().hear(told.usualNanos(), told.makeWay());
    }
  }

  private boolean isPerReplica() {
    return rounds.length > 0 && rounds[0] > 0;
  }

  private int pool(int target) {
    return slots.length == 1 ? 0 : target;
  }

  private int free(int pool) {
    if (pool >= slots.length) {
      return 0;
    }
    int taken = 0;
    for (int i = 0; i < targets.size(); i++) {
      taken += pool(i) == pool ? targets.get(i).taken() : 0;
    }
    return slots[pool] - taken;
  }

  /** Free slots in all. */
  int room() {
    int room = 0;
    for (int pool = 0; pool < slots.length; pool++) {
      room += Math.max(0, free(pool));
    }
    return room;
  }

  int slots() {
    int sum = 0;
    for (int count : slots) {
      sum += Math.max(0, count);
    }
    return sum;
  }

  int[] slotsInUse() {
    return slots.clone();
  }

  int underWay() {
    int sum = 0;
    for (Target target : targets) {
      sum += target.underWay;
    }
    return sum;
  }

  /** Whether attempts may go anywhere without restraint, or one by a ticket. */
  boolean letsAnythingIn() {
    for (Target target : targets) {
      if (target.gate.isOpen() || target.gate.hasTicket()) {
        return true;
      }
    }
    return false;
  }

  /** Whether nothing can go out: no slot is free, and no ticket holds without one. */
  boolean isFull() {
    if (room() > 0) {
      return false;
    }
    for (Target target : targets) {
      if (target.gate.hasTicket() && target.gate.isTicketBeyondSlots()) {
        return false;
      }
    }
    return true;
  }

  /** The gate of that replica. */
  ReplicaGate gate(int replica) {
    return targets.get(replica).gate;
  }

  int count() {
    return targets.size();
  }

  ReplicaSigns[] signs() {
    return targets.stream().map(target -> target.gate.signs()).toArray(ReplicaSigns[]::new);
  }

  /**
   * Lets an attempt in for which there is a ticket.
   *
   * @param forSuspect whether it is a suspect's
   */
  Optional<Target> enterByTicket(boolean forSuspect) {
    for (int i = 0; i < targets.size(); i++) {
      Target target = targets.get(i);
      boolean mayEnter =
          target.gate.hasTicket()
              && target.gate.isTicketForSuspect() == forSuspect
              && (target.gate.isTicketBeyondSlots() || free(pool(i)) > 0);
      if (mayEnter) {
        target.replica.reset();
        if (target.replica.tryAcquire()) {
          return entered(target);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Lets an attempt in where it should go. A replica that failed gets one now and then to see
   * whether it is back. Ties go round, so that an idle start does not favour the first.
   */
  Optional<Target> enter() {
    Target best = null;
    for (int i = 0; i < targets.size(); i++) {
      int index = (turn + i) % targets.size();
      Target target = targets.get(index);
      if (free(pool(index)) <= 0 || !target.gate.isOpen()) {
        continue;
      }
      if (!target.replica.isHealthy()) {
        if (target.replica.tryAcquire()) {
          return entered(target);
        }
      } else if (best == null || target.taken() < best.taken()) {
        best = target;
      }
    }
    return best != null && best.replica.tryAcquire() ? entered(best) : Optional.empty();
  }

  private Optional<Target> entered(Target target) {
    turn = (turn + 1) % targets.size();
    target.underWay++;
    return Optional.of(target);
  }

  /** The round of measuring that an attempt belongs to that begins now. */
  long round(Target target) {
    return target.round;
  }

  /** Books the end of an attempt that began in that round and took that long. */
  void leave(Target target, Attempt attempt, long round, long nanos) {
    target.underWay--;
    ReplyFacts facts = attempt.facts();
    if (attempt.meaning() == StatusMeaning.ANSWERED && round == target.round) {
      target.answers++;
      target.attemptNanos += nanos;
      long tokens = facts == null ? 0 : facts.usage().completionTokens();
      target.work += Math.round(WORK_UNIT * work.of(tokens, nanos / 1e9));
    }
    if (attempt.failure() != null && attempt.failure().isOnSilentConnection()) {
      target.silentTimeouts++;
    }
  }

  /**
   * Whether the answer just booked completes what a round needs to tell whether more slots are
   * worth having; true once a round.
   */
  boolean bearsOutGrowth(Target target) {
    int slots = this.slots[pool(targets.indexOf(target))];
    boolean complete = target.grown && AdaptiveLimit.isRound(target.answers, slots);
    target.grown &= !complete;
    return complete;
  }

  /** A refusal that may stop the job takes its slot along until the authority knows of it. */
  void stopRefusal(Target target) {
    target.stopRefusals++;
    slots[pool(targets.indexOf(target))]--;
  }

  /**
   * A replica that has no room loses the slot: for good where its limit is being found out, until
   * {@link #giveBack} else.
   *
   * @return whether it is to be given back
   */
  boolean takeAway(Target target) {
    target.refusals++;
    if (isPerReplica()) {
      slots[pool(targets.indexOf(target))]--;
      return false;
    }
    target.withheld++;
    return true;
  }

  void giveBack(Target target) {
    target.withheld--;
  }

  ReplicaReport[] report(long now) {
    List<ReplicaReport> reports = new ArrayList<>();
    for (Target target : targets) {
      target.stopRefusalsReported = target.stopRefusals;
      reports.add(
          new ReplicaReport(
              target.underWay,
              target.refusals,
              target.round,
              target.answers,
              target.attemptNanos,
              target.work,
              target.replica.silent().count(),
              target.replica.silent().overdue(now),
              target.silentTimeouts,
              target.replica.silent().usualNanos()));
    }
    return reports.toArray(ReplicaReport[]::new);
  }
}

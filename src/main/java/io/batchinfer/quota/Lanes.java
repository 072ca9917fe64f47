package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.Replica;
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
final class Lanes {
  /** Work is reported as a whole number of these parts of a usual answer. */
  private static final double WORK_UNIT = 1_000;

  private final List<Lane> lanes;
  private int[] slots = {};
  private long[] rounds = {};
  private final AnswerWork work = new AnswerWork();
  private int turn;

  Lanes(List<Replica> replicas) {
    lanes = replicas.stream().map(Lane::new).toList();
  }

  /** One replica. */
  static final class Lane {
    private final Replica replica;
    private final LaneGate gate = new LaneGate();
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

    private Lane(Replica replica) {
      this.replica = replica;
    }

    Replica replica() {
      return replica;
    }

    LaneGate gate() {
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
    boolean fits = granted.length == 1 || granted.length == lanes.size();
    slots = fits ? granted.clone() : new int[] {0};
    rounds = newRounds.length == slots.length ? newRounds : new long[slots.length];
    for (int i = 0; i < lanes.size(); i++) {
      Lane lane = lanes.get(i);
      // What was refused since the report is not in the answer yet.
      long refused = isPerReplica() ? lane.refusals - reported[i].refusals() : 0;
      long stopping = succeeded ? 0 : lane.stopRefusals - lane.stopRefusalsReported;
      slots[pool(i)] -= (int) (refused + stopping);
      long currentRound = rounds[pool(i)];
      if (currentRound != lane.round) {
        lane.grown = pool(i) < before.length && slots[pool(i)] > before[pool(i)];
        lane.round = currentRound;
        lane.answers = 0;
        lane.attemptNanos = 0;
        lane.work = 0;
      }
    }
  }

  /** Takes in what other processes know of the replicas. */
  void hear(List<QuotaReply.Elsewhere> elsewhere) {
    for (int i = 0; i < Math.min(lanes.size(), elsewhere.size()); i++) {
      QuotaReply.Elsewhere told = elsewhere.get(i);
      lanes.get(i).replica.silent().hear(told.usualNanos(), told.makeWay());
    }
  }

  private boolean isPerReplica() {
    return rounds.length > 0 && rounds[0] > 0;
  }

  private int pool(int lane) {
    return slots.length == 1 ? 0 : lane;
  }

  private int free(int pool) {
    if (pool >= slots.length) {
      return 0;
    }
    int taken = 0;
    for (int i = 0; i < lanes.size(); i++) {
      taken += pool(i) == pool ? lanes.get(i).taken() : 0;
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
    for (Lane lane : lanes) {
      sum += lane.underWay;
    }
    return sum;
  }

  /** Whether attempts may go anywhere without restraint, or one by a ticket. */
  boolean letsAnythingIn() {
    for (Lane lane : lanes) {
      if (lane.gate.isOpen() || lane.gate.hasTicket()) {
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
    for (Lane lane : lanes) {
      if (lane.gate.hasTicket() && lane.gate.isTicketBeyondSlots()) {
        return false;
      }
    }
    return true;
  }

  /** The gate of that replica. */
  LaneGate gate(int replica) {
    return lanes.get(replica).gate;
  }

  int count() {
    return lanes.size();
  }

  ReplicaSigns[] signs() {
    return lanes.stream().map(lane -> lane.gate.signs()).toArray(ReplicaSigns[]::new);
  }

  /**
   * Lets an attempt in for which there is a ticket.
   *
   * @param forSuspect whether it is a suspect's
   */
  Optional<Lane> enterByTicket(boolean forSuspect) {
    for (int i = 0; i < lanes.size(); i++) {
      Lane lane = lanes.get(i);
      boolean mayEnter =
          lane.gate.hasTicket()
              && lane.gate.isTicketForSuspect() == forSuspect
              && (lane.gate.isTicketBeyondSlots() || free(pool(i)) > 0);
      if (mayEnter) {
        lane.replica.reset();
        if (lane.replica.tryAcquire()) {
          return entered(lane);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Lets an attempt in where it should go. A replica that failed gets one now and then to see
   * whether it is back. Ties go round, so that an idle start does not favour the first.
   */
  Optional<Lane> enter() {
    Lane best = null;
    for (int i = 0; i < lanes.size(); i++) {
      int index = (turn + i) % lanes.size();
      Lane lane = lanes.get(index);
      if (free(pool(index)) <= 0 || !lane.gate.isOpen()) {
        continue;
      }
      if (!lane.replica.isHealthy()) {
        if (lane.replica.tryAcquire()) {
          return entered(lane);
        }
      } else if (best == null || lane.taken() < best.taken()) {
        best = lane;
      }
    }
    return best != null && best.replica.tryAcquire() ? entered(best) : Optional.empty();
  }

  private Optional<Lane> entered(Lane lane) {
    turn = (turn + 1) % lanes.size();
    lane.underWay++;
    return Optional.of(lane);
  }

  /** The round of measuring that an attempt belongs to that begins now. */
  long round(Lane lane) {
    return lane.round;
  }

  /** Books the end of an attempt that began in that round and took that long. */
  void leave(Lane lane, Attempt attempt, long round, long nanos) {
    lane.underWay--;
    ReplyFacts facts = attempt.facts();
    if (attempt.meaning() == StatusMeaning.ANSWERED && round == lane.round) {
      lane.answers++;
      lane.attemptNanos += nanos;
      long tokens = facts == null ? 0 : facts.usage().completionTokens();
      lane.work += Math.round(WORK_UNIT * work.of(tokens, nanos / 1e9));
    }
    if (attempt.failure() != null && attempt.failure().isOnSilentConnection()) {
      lane.silentTimeouts++;
    }
  }

  /**
   * Whether the answer just booked completes what a round needs to tell whether more slots are
   * worth having; true once a round.
   */
  boolean bearsOutGrowth(Lane lane) {
    int slots = this.slots[pool(lanes.indexOf(lane))];
    boolean complete = lane.grown && AdaptiveLimit.isRound(lane.answers, slots);
    lane.grown &= !complete;
    return complete;
  }

  /** A refusal that may stop the job takes its slot along until the authority knows of it. */
  void stopRefusal(Lane lane) {
    lane.stopRefusals++;
    slots[pool(lanes.indexOf(lane))]--;
  }

  /**
   * A replica that has no room loses the slot: for good where its limit is being found out, until
   * {@link #giveBack} else.
   *
   * @return whether it is to be given back
   */
  boolean takeAway(Lane lane) {
    lane.refusals++;
    if (isPerReplica()) {
      slots[pool(lanes.indexOf(lane))]--;
      return false;
    }
    lane.withheld++;
    return true;
  }

  void giveBack(Lane lane) {
    lane.withheld--;
  }

  ReplicaReport[] report(long now) {
    List<ReplicaReport> reports = new ArrayList<>();
    for (Lane lane : lanes) {
      lane.stopRefusalsReported = lane.stopRefusals;
      reports.add(
          new ReplicaReport(
              lane.underWay,
              lane.refusals,
              lane.round,
              lane.answers,
              lane.attemptNanos,
              lane.work,
              lane.replica.silent().count(),
              lane.replica.silent().overdue(now),
              lane.silentTimeouts,
              lane.replica.silent().usualNanos()));
    }
    return reports.toArray(ReplicaReport[]::new);
  }
}

package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.ReplicaChannel;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.policy.AdaptiveLimit;
import io.batchinfer.policy.SilentConnections;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaReply.Slots;
import io.batchinfer.quota.ReplicaReport.Round;
import io.batchinfer.quota.ReplicaReport.Silence;

/** One replica, and what this process has under way there. Not thread-safe. */
final class Target {
  /** Work is reported as a whole number of these parts of a usual answer. */
  private static final double WORK_UNIT = 1_000;

  private final ReplicaChannel replica;
  private final ReplicaGate gate = new ReplicaGate();
  private int underWay;

  /** Slots kept free for a moment, because the replica had no room. */
  private int withheld;

  /** Slots of its own. */
  private int slots;

  private long refusals;
  private long refusalsReported;
  private long stopRefusals;
  private long stopRefusalsReported;
  private Round round = Round.NONE;
  private ReplicaSigns signsReported = ReplicaSigns.NONE;
  private long silentTimeouts;

  /** Whether it has more slots than in the last round, which its answers are to bear out. */
  private boolean grown;

  Target(ReplicaChannel replica) {
    this.replica = replica;
  }

  ReplicaChannel replica() {
    return replica;
  }

  ReplicaGate gate() {
    return gate;
  }

  int underWay() {
    return underWay;
  }

  /** Slots that are not free. */
  int taken() {
    return underWay + withheld;
  }

  /** Slots of its own; fewer than none where refusals took more than it has. */
  int slots() {
    return slots;
  }

  /** Takes its own slots from an answer. */
  void grant(Slots granted) {
    int before = slots;
    // What was refused since the report is not in the answer yet.
    slots = granted.count() - (int) (refusals - refusalsReported);
    if (granted.round() != round.number()) {
      grown = round.number() > 0 && slots > before;
      round = new Round(granted.round(), 0, 0, 0);
    }
  }

  void takeSlots(int count) {
    slots -= count;
  }

  /** The number of the round of measuring that an attempt belongs to that begins now. */
  long round() {
    return round.number();
  }

  /** What the replica's orders are measured by: the signs of its last report. */
  ReplicaSigns signsReported() {
    return signsReported;
  }

  void entered() {
    underWay++;
  }

  /** Books the end of an attempt that began in that round and took that long. */
  void left(Attempt attempt, long began, long nanos, AnswerWork work) {
    underWay--;
    ReplyFacts facts = attempt.facts();
    if (attempt.meaning() == StatusMeaning.ANSWERED && began == round.number()) {
      long tokens = facts == null ? 0 : facts.usage().completionTokens();
      long done = Math.round(WORK_UNIT * work.of(tokens, nanos / 1e9));
      round = round.plus(new Round(began, 1, nanos, done));
    }
    if (attempt.failure() != null && attempt.failure().isOnSilentConnection()) {
      silentTimeouts++;
    }
  }

  /**
   * Whether the answer just booked completes what a round needs to tell whether more slots are
   * worth having; true once a round.
   *
   * @param granted slots that it has, or all have together
   */
  boolean bearsOutGrowth(int granted) {
    boolean complete = grown && AdaptiveLimit.isRound(round.answers(), granted);
    grown &= !complete;
    return complete;
  }

  void refused() {
    refusals++;
  }

  void withhold() {
    withheld++;
  }

  void giveBack() {
    withheld--;
  }

  /** A refusal came that may stop the job. */
  void refusedToStop() {
    stopRefusals++;
  }

  /** Refusals since the last report that may stop the job. */
  int untoldStopRefusals() {
    return (int) (stopRefusals - stopRefusalsReported);
  }

  /**
   * What is to be told of it; the next answer is taken for the one to this report.
   *
   * @param told slots of its own; none where slots count for all together
   */
  ReplicaReport report(long now, int told) {
    SilentConnections silent = replica.silent();
    stopRefusalsReported = stopRefusals;
    refusalsReported = refusals;
    signsReported = gate.signs();
    return new ReplicaReport(
        replica.name(),
        told,
        new UnderWay(underWay, silent.count(), silent.overdue(now)),
        refusals,
        round,
        new Silence(silentTimeouts, silent.usualNanos()),
        signsReported);
  }
}

package io.batchinfer.quota;

import io.batchinfer.quota.ReplicaOrder.Judgement;
import java.time.Duration;
import java.util.ArrayDeque;

/** What the driver knows of one process at one replica. Not thread-safe. */
final class ReplicaView {
  private final ArrayDeque<Verdict> verdicts = new ArrayDeque<>();
  private ReplicaSigns signs = ReplicaSigns.NONE;
  private boolean known;
  private long heardAt;
  private int inFlight;
  private int waiting;
  private int suspects;
  private long judged;
  private boolean closed;

  /** On failures up to that one, in the order in which the process counts them. */
  private record Verdict(long upTo, Judgement judgement, long outage) {}

  ReplicaSigns signs() {
    return signs;
  }

  void take(ReplicaSigns now, int underWay, QuotaRequest request, long at) {
    signs = now;
    known = true;
    heardAt = at;
    inFlight = underWay;
    waiting = request.waiting();
    suspects = request.suspects();
    while (!verdicts.isEmpty() && verdicts.element().upTo <= now.judged()) {
      verdicts.remove();
    }
  }

  /** Whether its last report was not before that time, so that the next tells what came after. */
  boolean heardAtOrAfter(long time) {
    return known && heardAt - time >= 0;
  }

  boolean isSilent(long now, Duration after) {
    return now - heardAt > after.toNanos();
  }

  /** Keeps it from trying in vain while it is not known what its failures mean. */
  void closeIf(ReplicaSigns now, ReplicaSigns before) {
    closed |= now.gone() > before.gone() || (now.full() > before.full() && inFlight == 0);
  }

  void open() {
    closed = false;
  }

  boolean isClosed() {
    return closed;
  }

  int inFlight() {
    return inFlight;
  }

  boolean isWaiting() {
    return waiting > 0;
  }

  boolean hasOrdinaryRows() {
    return waiting > suspects;
  }

  int suspects() {
    return suspects;
  }

  /** Whether it knows of that closing and has nothing under way. */
  boolean keepsOut(long gate) {
    return signs.gate() >= gate && inFlight == 0;
  }

  boolean hasEnded(long ticket) {
    return signs.ticket() == ticket && signs.ticketEnd() >= 0;
  }

  boolean cannotUse(long ticket) {
    return signs.ticket() < ticket && waiting == 0;
  }

  /** Judges the failures that it has reported and that are not judged yet. */
  void judge(Judgement judgement, long outage) {
    if (signs.failures() > judged) {
      judged = signs.failures();
      verdicts.add(new Verdict(judged, judgement, outage));
    }
  }

  ReplicaOrder order(
      boolean open, long gate, long ticket, boolean beyondSlots, boolean forSuspect, long outage) {
    Verdict next = verdicts.peek();
    return next == null
        ? new ReplicaOrder(open, gate, ticket, beyondSlots, forSuspect, 0, Judgement.OWN, outage)
        : new ReplicaOrder(
            open, gate, ticket, beyondSlots, forSuspect, next.upTo, next.judgement, next.outage);
  }
}

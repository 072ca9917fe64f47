package io.batchinfer.quota;

import io.batchinfer.quota.QuotaRequest.Wanted;
import io.batchinfer.quota.ReplicaOrder.Judgement;
import io.batchinfer.quota.ReplicaOrder.Ticket;
import io.batchinfer.quota.ReplicaOrder.Verdict;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

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

  ReplicaSigns signs() {
    return signs;
  }

  void take(ReplicaSigns now, int underWay, Wanted wanted, long at) {
    signs = now;
    known = true;
    heardAt = at;
    inFlight = underWay;
    waiting = wanted.waiting();
    suspects = wanted.suspects();
    while (!verdicts.isEmpty() && verdicts.element().upTo() <= now.judged()) {
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
    closed |=
        now.failed().gone() > before.failed().gone()
            || (now.failed().full() > before.failed().full() && inFlight == 0);
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
    return signs.ticket().number() == ticket && signs.ticket().end() != null;
  }

  boolean cannotUse(long ticket) {
    return signs.ticket().number() < ticket && waiting == 0;
  }

  /** Judges the failures that it has reported and that are not judged yet. */
  void judge(Judgement judgement, long outage) {
    if (signs.failures() > judged) {
      judged = signs.failures();
      verdicts.add(new Verdict(judged, judgement, outage));
    }
  }

  ReplicaOrder order(boolean open, long gate, Ticket ticket, long outage) {
    @Nullable Verdict next = verdicts.peek();
    return new ReplicaOrder(
        open, gate, ticket, next == null ? new Verdict(0, Judgement.OWN, outage) : next);
  }
}

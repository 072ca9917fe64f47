package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.TransportException;
import io.batchinfer.policy.OutageVerdict;
import io.batchinfer.quota.ReplicaOrder.Bearer;
import io.batchinfer.quota.ReplicaOrder.Judgement;
import io.batchinfer.quota.ReplicaOrder.Verdict;
import io.batchinfer.quota.ReplicaSigns.Failed;
import io.batchinfer.quota.ReplicaSigns.UsedTicket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The executor's side of a replica that may be away: counts what attempts say about it, keeps
 * failed ones until the driver knows what they mean, and lets through what the driver lets. Not
 * thread-safe.
 */
final class ReplicaGate {
  private final ArrayDeque<Failure> unjudged = new ArrayDeque<>();
  private long alive;
  private long lost;
  private long full;
  private long gone;
  private long refused;
  private int last;
  private long judged;
  private boolean open = true;
  private boolean held;
  private long gate;
  private long ticket;
  private Bearer bearer = Bearer.ANY_ROW;
  private boolean beyondSlots;
  private UsedTicket used = UsedTicket.NONE;
  private boolean failing;
  private long failingSince;

  /** How an attempt was let in, or when it began. */
  private enum Place {
    /** It was under way as others began to fail. */
    UNDER_WAY,
    /** It began after others had failed. */
    LATE,
    /** It was let in by a ticket. */
    TICKET
  }

  private record Failure(WaitingRow row, Attempt attempt, Place place) {}

  /** An attempt whose meaning is known. */
  record Judged(WaitingRow row, Attempt attempt, OutageVerdict verdict, long outage) {
    /** Tells the row's outages and whoever waits for the attempt. */
    void complete() {
      row.outages().judged(verdict, outage, Sign.of(attempt) == Sign.LOST);
      row.result().complete(attempt);
    }
  }

  /** Whether attempts go through without restraint. */
  boolean isOpen() {
    return open && !held;
  }

  /** Whether one attempt may go through all the same. */
  boolean hasTicket() {
    return ticket > used.number();
  }

  /** Which row the ticket is for. */
  Bearer bearer() {
    return bearer;
  }

  /** Whether the ticket holds without a slot. */
  boolean isTicketBeyondSlots() {
    return beyondSlots;
  }

  /** Uses the ticket; returns its number. */
  long useTicket() {
    used = new UsedTicket(ticket, null);
    return ticket;
  }

  /**
   * Takes in the end of an attempt.
   *
   * @param ticketUsed the ticket that let it in, 0 for none
   * @param began when it began
   * @return whether it is kept until its verdict is known
   */
  boolean ended(WaitingRow row, Attempt attempt, long ticketUsed, long began, long now) {
    Sign sign = Sign.of(attempt);
    if (ticketUsed > 0 && ticketUsed == used.number()) {
      used = new UsedTicket(ticketUsed, sign);
    }
    if (sign == Sign.ALIVE) {
      alive++;
      failing = false;
      held = false;
    }
    if (sign == Sign.ALIVE || sign == Sign.NONE) {
      return false;
    }
    boolean late = failing && began - failingSince > 0;
    if (!failing) {
      failing = true;
      failingSince = now;
    }
    count(sign, late || ticketUsed > 0, attempt);
    // What fails after others have failed, without any answer between, is tried no more for now.
    held |= late;
    Place place = ticketUsed > 0 ? Place.TICKET : late ? Place.LATE : Place.UNDER_WAY;
    unjudged.add(new Failure(row, attempt, place));
    return true;
  }

  private void count(Sign sign, boolean late, Attempt attempt) {
    last = Sign.failure(attempt);
    if (sign == Sign.AWAY) {
      gone++;
      refused += attempt.failure() == null ? 0 : 1;
    } else if (sign == Sign.FULL) {
      full++;
    } else if (late) {
      gone++;
    } else {
      lost++;
    }
  }

  ReplicaSigns signs() {
    return new ReplicaSigns(alive, new Failed(lost, full, gone, refused, last), used, gate, judged);
  }

  /** Whether the driver has yet to hear of a failure, or to judge one. */
  boolean hasUnjudged() {
    return !unjudged.isEmpty();
  }

  /**
   * Takes an order of the driver.
   *
   * @param known what the driver knew when it gave the order
   * @return the attempts that are judged by it
   */
  List<Judged> take(ReplicaOrder order, ReplicaSigns known) {
    boolean opened = order.open() && !open;
    open = order.open();
    gate = Math.max(gate, order.gate());
    if (order.ticket().number() > ticket) {
      ticket = order.ticket().number();
      bearer = order.ticket().bearer();
    } else if (order.ticket().number() == 0) {
      // It was too long on its way: others may look by now, or be under way.
      ticket = used.number();
    }
    beyondSlots = order.ticket().beyondSlots();
    if (opened) {
      failing = false;
    }
    held &= !opened && known.failures() < failures();
    List<Judged> taken = new ArrayList<>();
    Verdict told = order.verdict();
    while (judged < told.upTo() && !unjudged.isEmpty()) {
      judged++;
      Failure failure = unjudged.remove();
      OutageVerdict verdict = verdict(failure, told.judgement());
      taken.add(new Judged(failure.row, failure.attempt, verdict, told.outage()));
    }
    return taken;
  }

  private long failures() {
    return lost + full + gone;
  }

  /** Lets go of everything: nobody judges any more. */
  List<Judged> release() {
    List<Judged> taken = new ArrayList<>();
    for (Failure failure : unjudged) {
      judged++;
      taken.add(new Judged(failure.row, failure.attempt, OutageVerdict.OWN, 0));
    }
    unjudged.clear();
    return taken;
  }

  /** An endpoint that is only just starting says so to everyone; that is not a row's doing. */
  private static boolean wasShared(Failure failure, Judgement judgement) {
    Sign sign = Sign.of(failure.attempt);
    return sign == Sign.LOST || (sign == Sign.FULL && judgement != Judgement.COLD);
  }

  private static OutageVerdict verdict(Failure failure, Judgement judgement) {
    if (judgement == Judgement.OWN) {
      return OutageVerdict.OWN;
    }
    if (failure.place == Place.TICKET) {
      if (judgement == Judgement.CRASH) {
        return OutageVerdict.CRASHED;
      }
      if (judgement == Judgement.AGAIN) {
        boolean suspect = failure.row.outages().isSuspect();
        return suspect ? OutageVerdict.CRASHED : OutageVerdict.SHARED;
      }
      if (judgement == Judgement.ENGINE_AGAIN) {
        boolean second = failure.row.outages().count() > 0;
        return second ? OutageVerdict.CRASHED : OutageVerdict.SHARED;
      }
    } else if (failure.place == Place.UNDER_WAY && wasShared(failure, judgement)) {
      return OutageVerdict.SHARED;
    }
    TransportException cause = failure.attempt.failure();
    if (cause == null) {
      return judgement == Judgement.COLD ? OutageVerdict.WAITED : OutageVerdict.TURNED_AWAY;
    }
    if (!cause.kind().mayHaveRun()) {
      return OutageVerdict.WAITED;
    }
    return judgement == Judgement.COLD ? OutageVerdict.COLD_RESET : OutageVerdict.RESET;
  }
}

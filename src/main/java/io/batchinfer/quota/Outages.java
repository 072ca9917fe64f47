package io.batchinfer.quota;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which replicas of an endpoint are away, over all runs that use it, and where suspects go out
 * alone: at one replica at a time, rather one that has just come back and is empty. Not
 * thread-safe.
 */
final class Outages {
  /**
   * How long suspects wait for a replica to come back before one that is up is emptied for them.
   */
  private static final Duration WAIT_FOR_RETURN = Duration.ofSeconds(60);

  private final List<ReplicaWatch> watches = new ArrayList<>();
  private final Map<ProcessView, Rows> rowsOf = new HashMap<>();
  private long waiting;
  private long suspects;

  /** Of a process. */
  private record Rows(int waiting, int suspects) {}

  /** Takes in what a process saw. */
  void report(ProcessView session, QuotaRequest request, long now) {
    Rows rows = new Rows(request.waiting(), request.suspects());
    @Nullable Rows before = rowsOf.put(session, rows);
    waiting += rows.waiting - (before == null ? 0 : before.waiting);
    suspects += rows.suspects - (before == null ? 0 : before.suspects);
    for (int i = 0; i < request.signs().length; i++) {
      if (i == watches.size()) {
        watches.add(new ReplicaWatch(i));
      }
      watches
          .get(i)
          .report(session, request.signs()[i], request.replicas()[i].inFlight(), request, now);
    }
    if (suspects > 0) {
      findRoomForSuspects(now);
    } else {
      watches.stream().filter(ReplicaWatch::isInTrial).forEach(ReplicaWatch::endTrial);
    }
  }

  private void findRoomForSuspects(long now) {
    ReplicaWatch up = null;
    for (ReplicaWatch watch : watches) {
      boolean mayReturn = watch.isAway() && now - watch.since() < WAIT_FOR_RETURN.toNanos();
      if (watch.isInTrial() || mayReturn) {
        return;
      }
      up = up == null && watch.isUp() ? watch : up;
    }
    if (up != null) {
      up.beginTrial();
    }
  }

  /** What a process may do at each replica. To be asked after its report. */
  ReplicaOrder[] orders(ProcessView session, long now) {
    ReplicaOrder[] orders = new ReplicaOrder[watches.size()];
    boolean onlyTickets = watches.stream().allMatch(ReplicaWatch::admitsOnlyTickets);
    for (int i = 0; i < orders.length; i++) {
      orders[i] = watches.get(i).order(session, waiting > suspects, onlyTickets, now);
    }
    return orders;
  }

  /** Whether a process has a ticket, so that it may send one without a slot. */
  boolean hasTicket(ProcessView session) {
    return watches.stream().anyMatch(watch -> watch.isHeldBy(session));
  }

  void forget(ProcessView session) {
    @Nullable Rows rows = rowsOf.remove(session);
    waiting -= rows == null ? 0 : rows.waiting;
    suspects -= rows == null ? 0 : rows.suspects;
    watches.forEach(watch -> watch.forget(session));
  }

  /** The replica that has been away for the shortest time, or of some the first. */
  Optional<Absence> absence(long now) {
    boolean all = true;
    int shown = -1;
    for (int i = 0; i < watches.size(); i++) {
      ReplicaWatch watch = watches.get(i);
      all &= watch.isAway();
      if (watch.isAway() && (shown < 0 || watch.since() - watches.get(shown).since() > 0)) {
        shown = i;
      }
    }
    if (shown < 0) {
      return Optional.empty();
    }
    ReplicaWatch watch = watches.get(shown);
    return Optional.of(
        new Absence(
            shown,
            all,
            Duration.ofNanos(now - watch.since()),
            words(watch.lastFailure()),
            watch.lastFailure() > 0));
  }

  private static String words(int failure) {
    return switch (failure) {
      case Sign.REFUSED -> "refuses connections";
      case Sign.BROKEN -> "breaks connections";
      case Sign.UNKNOWN_HOST -> "has no address yet";
      default -> "answers " + failure;
    };
  }
}

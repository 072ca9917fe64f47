package io.batchinfer.quota;

import java.time.Duration;
import java.util.HashMap;
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

  private final Replicas replicas;
  private final Map<ProcessView, Rows> rowsOf = new HashMap<>();
  private long suspects;

  Outages(Replicas replicas) {
    this.replicas = replicas;
  }

  /** Of a process. */
  private record Rows(int suspects) {}

  /** Takes in what a process saw at the replicas that it reports. */
  void report(ProcessView session, QuotaRequest request, long now) {
    Rows rows = new Rows(request.wanted().suspects());
    @Nullable Rows before = rowsOf.put(session, rows);
    suspects += rows.suspects - (before == null ? 0 : before.suspects);
    for (int i = 0; i < request.replicas().size(); i++) {
      ReplicaWatch watch = session.replicas().get(i).watch();
      watch.report(session, request.replicas().get(i), request.wanted(), now);
    }
    for (Replica replica : replicas.all()) {
      if (replica.watch().isInTrial() && (suspects == 0 || !replica.watch().hasSuspects())) {
        replica.watch().endTrial();
      }
    }
    if (suspects > 0) {
      findRoomForSuspects(now);
    }
  }

  /** Only a replica that a process with suspects knows has any of them to try. */
  private void findRoomForSuspects(long now) {
    ReplicaWatch up = null;
    for (Replica replica : replicas.all()) {
      ReplicaWatch watch = replica.watch();
      if (!watch.hasSuspects()) {
        continue;
      }
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

  /** What a process may do at a replica that it reports. To be asked after its report. */
  ReplicaOrder order(ProcessView session, Replica replica, long now) {
    return areAllClosed(session)
        ? replica.watch().orderWhereAllAreClosed(session, now)
        : replica.watch().order(session, now);
  }

  /** Whether no replica that a process reports is open, so that slots do not matter. */
  private static boolean areAllClosed(ProcessView session) {
    for (Replica replica : session.replicas()) {
      if (!replica.watch().admitsOnlyTickets()) {
        return false;
      }
    }
    return true;
  }

  /** Whether a process has a ticket, so that it may send one without a slot. */
  boolean hasTicket(ProcessView session) {
    for (Replica replica : session.replicas()) {
      if (replica.watch().isHeldBy(session)) {
        return true;
      }
    }
    return false;
  }

  void forget(ProcessView session) {
    @Nullable Rows rows = rowsOf.remove(session);
    suspects -= rows == null ? 0 : rows.suspects;
  }

  /** Of the replicas of a run the one that has been away for the shortest time. */
  Optional<Absence> absence(QuotaAuthority run, long now) {
    @Nullable Replica shown = null;
    for (Replica replica : replicas.all()) {
      ReplicaWatch watch = replica.watch();
      boolean later = shown == null || watch.since() - shown.watch().since() > 0;
      if (watch.isAway() && later && watch.isOf(run)) {
        shown = replica;
      }
    }
    if (shown == null) {
      return Optional.empty();
    }
    ReplicaWatch watch = shown.watch();
    return Optional.of(
        new Absence(
            shown.name(),
            replicas.all().stream()
                .map(Replica::watch)
                .noneMatch(other -> !other.isAway() && other.isOf(run)),
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

package io.batchinfer.quota;

import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaReply.Elsewhere;
import io.batchinfer.quota.QuotaRequest.ReplicaReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What the processes see of an endpoint that leaves connections lying: a process all of whose
 * connections lie can close none to get a turn, so those of others make way for it. Not
 * thread-safe.
 */
final class AttemptsLeftLying {
  /** How long after a sign of them everyone is looked at. */
  private static final long WATCH_NANOS = 2_000_000_000L;

  private static final long LEAST_BETWEEN_NANOS = 500_000_000L;

  /** Time over which answers are counted to tell what the endpoint serves at once. */
  private static final long COUNTED_NANOS = 5_000_000_000L;

  /** Attempts that timed out unheard which call for a word to the user. */
  private static final int TIMEOUTS_TO_TELL = 8;

  private long[] usualNanos = {};
  private boolean seen;
  private long watchUntil;
  private long timeouts;
  private long answers;
  private long countedFrom;
  private double answersPerSecond;
  private boolean told;

  /** Takes in a report, before the session does. */
  void report(QuotaRequest request, ProcessView session, long now) {
    ReplicaReport[] reports = request.replicas();
    if (usualNanos.length < reports.length) {
      usualNanos = Arrays.copyOf(usualNanos, reports.length);
    }
    for (int i = 0; i < reports.length; i++) {
      if (reports[i].usualNanos() > 0) {
        usualNanos[i] = reports[i].usualNanos();
      }
      if (reports[i].isHelpless()) {
        seen = true;
        watchUntil = now + WATCH_NANOS;
      }
      ReplicaReport before = session.replica(i);
      timeouts += reports[i].silentTimeouts() - (before == null ? 0 : before.silentTimeouts());
    }
    count(request.count(StatusMeaning.ANSWERED) - session.count(StatusMeaning.ANSWERED), now);
  }

  private void count(long news, long now) {
    if (answers == 0 && news > 0 && answersPerSecond == 0) {
      countedFrom = now;
    }
    answers += news;
    if (answers > 0 && now - countedFrom >= COUNTED_NANOS) {
      answersPerSecond = answers * 1e9 / (now - countedFrom);
      answers = 0;
      countedFrom = now;
    }
  }

  /** What the others know, for a process that has just reported. */
  List<Elsewhere> elsewhere(
      ProcessView asking, QuotaRequest request, List<QuotaAuthority> runs, long now) {
    List<Elsewhere> elsewhere = new ArrayList<>();
    boolean watching = seen && now - watchUntil < 0;
    for (int i = 0; i < request.replicas().length; i++) {
      ReplicaReport own = request.replicas()[i];
      elsewhere.add(
          new Elsewhere(usualNanos[i], watching ? makeWay(asking, own, i, runs, now) : 0));
    }
    return elsewhere;
  }

  private int makeWay(
      ProcessView asking, ReplicaReport own, int replica, List<QuotaAuthority> runs, long now) {
    boolean mayHaveSome = own.inFlight() == 0 || own.silent() < own.inFlight();
    long between = Math.max(LEAST_BETWEEN_NANOS, 2 * usualNanos[replica]);
    if (!mayHaveSome || (asking.madeWayAt() > 0 && now - asking.madeWayAt() < between)) {
      return 0;
    }
    long lying = 0;
    long served = 0;
    for (QuotaAuthority run : runs) {
      for (ProcessView session : run.processes()) {
        ReplicaReport report = session.replica(replica);
        if (report != null && report.isHelpless()) {
          lying += report.leftLying();
        } else if (report != null) {
          served += report.inFlight() - report.silent();
        }
      }
    }
    if (lying == 0) {
      return 0;
    }
    asking.makesWay(now);
    long mine = (long) own.inFlight() - own.silent();
    return (int) Math.max(1, Math.ceil((double) lying * mine / Math.max(1, served)));
  }

  /** A word to the user, once, when many attempts timed out unheard while others were answered. */
  Optional<String> tell() {
    if (told || timeouts < TIMEOUTS_TO_TELL || answersPerSecond == 0) {
      return Optional.empty();
    }
    told = true;
    double usual = Arrays.stream(usualNanos).max().orElse(0) / 1e9;
    long served = Math.max(1, Math.round(answersPerSecond * usual));
    return Optional.of(
        "%d requests timed out on connections on which the endpoint had never answered anything, while it answered on others: it serves only so many connections at once, about %d, and leaves further ones lying. Set --concurrency %d, or let it serve more (its threads or workers)."
            .formatted(timeouts, served, served));
  }
}

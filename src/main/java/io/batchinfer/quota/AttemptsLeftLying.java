package io.batchinfer.quota;

import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaReply.Elsewhere;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

  private final Replicas replicas;
  private boolean seen;
  private long watchUntil;
  private long timeouts;
  private long answers;
  private long countedFrom;
  private double answersPerSecond;
  private boolean told;

  AttemptsLeftLying(Replicas replicas) {
    this.replicas = replicas;
  }

  /** Takes in a report, before the session does. */
  void report(QuotaRequest request, ProcessView session, long now) {
    for (int i = 0; i < request.replicas().size(); i++) {
      ReplicaReport report = request.replicas().get(i);
      Replica replica = session.replicas().get(i);
      if (report.silence().usualNanos() > 0) {
        replica.takes(report.silence().usualNanos());
      }
      if (report.underWay().isHelpless()) {
        seen = true;
        watchUntil = now + WATCH_NANOS;
      }
      @Nullable ReplicaReport before = session.reportOf(replica);
      timeouts += report.silence().timeouts() - (before == null ? 0 : before.silence().timeouts());
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

  /** What the others know of a replica, for a process that has just reported it. */
  Elsewhere elsewhere(ProcessView asking, Replica replica, List<QuotaAuthority> runs, long now) {
    boolean watching = seen && now - watchUntil < 0;
    return new Elsewhere(replica.usualNanos(), watching ? makeWay(asking, replica, runs, now) : 0);
  }

  private int makeWay(ProcessView asking, Replica replica, List<QuotaAuthority> runs, long now) {
    @Nullable ReplicaReport report = asking.reportOf(replica);
    UnderWay own = report == null ? UnderWay.NOTHING : report.underWay();
    boolean mayHaveSome = own.inFlight() == 0 || own.silent() < own.inFlight();
    long between = Math.max(LEAST_BETWEEN_NANOS, 2 * replica.usualNanos());
    if (!mayHaveSome || (asking.madeWayAt() > 0 && now - asking.madeWayAt() < between)) {
      return 0;
    }
    long lying = 0;
    long served = 0;
    for (QuotaAuthority run : runs) {
      for (ProcessView session : run.processes()) {
        @Nullable ReplicaReport known = session.reportOf(replica);
        if (known != null && known.underWay().isHelpless()) {
          lying += known.underWay().leftLying();
        } else if (known != null) {
          served += known.inFlight() - known.underWay().silent();
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
    double usual = replicas.all().stream().mapToLong(Replica::usualNanos).max().orElse(0) / 1e9;
    long served = Math.max(1, Math.round(answersPerSecond * usual));
    return Optional.of(
        "%d requests timed out on connections on which the endpoint had never answered anything, while it answered on others: it serves only so many connections at once, about %d, and leaves further ones lying. Set --concurrency %d, or let it serve more (its threads or workers)."
            .formatted(timeouts, served, served));
  }
}

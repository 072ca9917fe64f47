package io.batchinfer.policy;

/**
 * Tells refusals for lack of room from those that come by chance: of a fault, or of a gateway that
 * turns away one attempt in so many. Lack of room ends when fewer attempts are under way, and a
 * lack of rate leaves as many answers a second; where the limit was halved for refusals, their
 * share stays, and answers get fewer, they say nothing of either. Such a share is excused for a
 * while, and then looked at anew; a very small one always is.
 *
 * <p>Pure function of what it is told; not thread-safe.
 */
final class ChanceRefusals {
  /** One in five hundred says nothing. */
  private static final double SMALLEST_SHARE = 0.002;

  /** Above this an endpoint is full, or away, whatever the limit is. */
  private static final double LARGEST_SHARE = 0.5;

  /** Refusals that make a share worth comparing. */
  private static final int ENOUGH = 10;

  /** Part of the share at the higher limit that has to be left at the lower one. */
  private static final double STAYS = 0.4;

  /** Part of the answers a second at the higher limit that half the attempts do not reach. */
  private static final double FEWER = 0.8;

  /** A share counted from few refusals is uncertain, and one too low would lower the limit. */
  private static final double MARGIN = 1.5;

  private static final double MOST_EXCUSED = 0.75;

  /** Refusals that may come at once, at least. */
  private static final double LEAST_CREDIT = 1;

  /** Part of the refusals that count while they are compared: few under way would tell little. */
  private static final double WHILE_COMPARED = 0.25;

  /** How long a share is excused at first; twice as long whenever it is found again. */
  private static final long EXCUSED_NANOS = 120_000_000_000L;

  private static final long MOST_EXCUSED_NANOS = 8 * EXCUSED_NANOS;

  /** Refusals further apart do not belong to one fall of the limit. */
  private static final long FALL_NANOS = 60_000_000_000L;

  /** What was under way before the limit fell is answered, or turned away, by then. */
  private static final long SETTLED_NANOS = 1_000_000_000L;

  /** Where the fall of the limit began, 0 while there is none. */
  private int highest;

  private long lastCall;
  private long lastRefusal;
  private long highUntil;
  private boolean comparing;
  private boolean denied;
  private Seen high = Seen.NOTHING;
  private Seen low = Seen.NOTHING;

  private double share = SMALLEST_SHARE;
  private long excusedUntil;
  private long excusedFor = EXCUSED_NANOS;
  private double credit;
  private double counted;
  private int found;

  private record Seen(long refusals, long answers, long nanos) {
    static final Seen NOTHING = new Seen(0, 0, 0);

    Seen plus(Seen more) {
      return new Seen(refusals + more.refusals, answers + more.answers, nanos + more.nanos);
    }

    double answersPerNano() {
      return (double) answers / Math.max(1, nanos);
    }

    double share() {
      return (double) refusals / Math.max(1, refusals + answers);
    }
  }

  /**
   * Counts what was seen since the last call.
   *
   * @param limit attempts that might be under way meanwhile
   * @param tried whether the limit is one that is only tried
   * @return the refusals that lower the limit by one each
   */
  long counting(long refusals, long answers, int limit, boolean tried, long nowNanos) {
    if (nowNanos - excusedUntil >= 0) {
      share = SMALLEST_SHARE;
    }
    double most = Math.max(LEAST_CREDIT, 2 * share * limit);
    credit = Math.min(most, credit + (refusals + answers) * share);
    long excused = Math.min(refusals, (long) credit);
    credit -= excused;
    if (!tried && (refusals > excused || highest > 0)) {
      fall(new Seen(refusals, answers, nowNanos - lastCall), limit, nowNanos);
    }
    lastCall = nowNanos;
    counted += (refusals - excused) * (comparing && !tried ? WHILE_COMPARED : 1);
    long whole = (long) counted;
    counted -= whole;
    return whole;
  }

  private void fall(Seen seen, int limit, long now) {
    if (highest == 0 || limit > highest || now - lastRefusal > FALL_NANOS) {
      highest = seen.refusals() == 0 ? 0 : limit;
      high = Seen.NOTHING;
      denied = false;
    }
    lastRefusal = seen.refusals() == 0 ? lastRefusal : now;
    if (limit > highest / 2) {
      high = high.plus(seen);
      low = Seen.NOTHING;
      highUntil = now;
      comparing = false;
      return;
    }
    if (now - highUntil < SETTLED_NANOS) {
      return;
    }
    comparing = !denied;
    low = low.plus(seen);
    if (low.refusals() >= ENOUGH) {
      compare(now);
      low = Seen.NOTHING;
    }
  }

  private void compare(long now) {
    comparing = false;
    denied = true;
    if (low.share() < SMALLEST_SHARE
        || low.share() > LARGEST_SHARE
        || low.share() < STAYS * high.share()
        || low.answersPerNano() > FEWER * high.answersPerNano()) {
      return;
    }
    boolean again = now - excusedUntil < excusedFor;
    excusedFor = again ? Math.min(2 * excusedFor, MOST_EXCUSED_NANOS) : EXCUSED_NANOS;
    excusedUntil = now + excusedFor;
    share = Math.min(MOST_EXCUSED, MARGIN * low.share());
    found = highest;
    highest = 0;
  }

  /** Part of the attempts whose refusal is excused. */
  double share() {
    return share;
  }

  /**
   * The limit before it was lowered for refusals that have now turned out to come by chance; 0
   * where there is no such thing. Told once.
   */
  int found() {
    int told = found;
    found = 0;
    return told;
  }
}

package io.batchinfer.policy;

/**
 * Finds how many attempts an endpoint can work on at once, by trying: more are kept as long as they
 * bring more work done per second, fewer are kept when they bring as much. What counts is the
 * throughput (attempts under way times the speed of one), not the latency: an inference server
 * answers each request more slowly the more it batches, long before it is full. Speed is work per
 * second of one attempt, so that long answers do not look like a slow endpoint.
 *
 * <p>Time goes in rounds; a round is over when enough of the attempts that began in it were
 * answered. Pure function of what it is told; not thread-safe.
 */
public final class AdaptiveLimit {
  /** Where the search begins. */
  public static final int INITIAL = 16;

  private static final double SEARCH_FACTOR = 2;
  private static final double PROBE_FACTOR = 1.25;
  private static final double MOST_PROBE_FACTOR = 1.5;
  private static final double PROBE_DOWN_FACTOR = 0.8;

  /** Share of a proportional gain that is worth more attempts under way. */
  private static final double WORTHWHILE = 0.3;

  /** Room over the point where throughput stops growing, so that the endpoint never runs dry. */
  private static final double HEADROOM = 1.05;

  /** Changes of speed at the same limit that mean another capacity. */
  private static final double FASTER = 1.06;

  private static final double SLOWER = 0.8;

  /** Share of a known ceiling by which a probe goes beyond it. */
  private static final double BEYOND_CEILING = 0.04;

  private static final int FIRST_HOLD = 2;
  private static final int SHORT_HOLD = 8;
  private static final int LONG_HOLD = 10;
  private static final int LEAST_ANSWERS = 8;
  private static final int MOST_ANSWERS = 256;
  private static final long CEILING_NANOS = 60_000_000_000L;

  private enum Phase {
    SEARCH,
    HOLD,
    PROBE_UP,
    PROBE_DOWN
  }

  private final int most;
  private int limit;
  private long round = 1;
  private Phase phase = Phase.SEARCH;

  /** The limit to go back to, and the speed of an attempt there; 0 while unknown. */
  private int base;

  private double baseSpeed;
  private int good;
  private double probeFactor = PROBE_FACTOR;
  private boolean nextProbeIsUp = true;
  private int holdRounds = SHORT_HOLD;
  private int holdLeft;
  private int oddRounds;
  private int ceiling = Integer.MAX_VALUE;
  private long ceilingUntil;

  /**
   * @param most never more than this
   */
  public AdaptiveLimit(int most) {
    this.most = Math.max(1, most);
    this.limit = Math.min(INITIAL, this.most);
    this.base = limit;
    this.good = limit;
  }

  /** Attempts that may be under way. */
  public int limit() {
    return limit;
  }

  /** Number of the round; attempts that began in an earlier one do not count. */
  public long round() {
    return round;
  }

  /**
   * Tells how the round goes.
   *
   * @param answers answers to attempts that began in this round
   * @param attemptSeconds seconds from sending to answer, summed over them
   * @param work how much work they were, in a unit that stays the same
   * @param inFlight attempts under way
   */
  public void observe(
      long answers, double attemptSeconds, double work, int inFlight, long nowNanos) {
    if (answers < answersNeeded() || attemptSeconds <= 0 || work <= 0) {
      return;
    }
    judge(work / attemptSeconds, inFlight >= limit * 0.9 - 1, nowNanos);
    round++;
  }

  private long answersNeeded() {
    return Math.max(LEAST_ANSWERS, Math.min(MOST_ANSWERS, limit));
  }

  /**
   * Tells that the endpoint turned attempts away for lack of room. Each was one too many.
   *
   * @param count refusals since the last call
   */
  public void refused(long count, long nowNanos) {
    if (count <= 0) {
      return;
    }
    limit = (int) Math.max(1, limit - count);
    ceiling = limit;
    ceilingUntil = nowNanos + CEILING_NANOS;
    round++;
    boolean tried = phase == Phase.SEARCH || phase == Phase.PROBE_UP;
    if (tried && limit > base) {
      return;
    }
    if (tried && limit >= base * PROBE_DOWN_FACTOR && baseSpeed > 0) {
      nextProbeIsUp = false;
      giveUpProbe();
      return;
    }
    base = limit;
    baseSpeed = 0;
    if (limit < good / 2) {
      phase = Phase.SEARCH;
      ceiling = Integer.MAX_VALUE;
    } else {
      hold(SHORT_HOLD);
      nextProbeIsUp = false;
    }
  }

  private void judge(double speed, boolean binding, long now) {
    switch (phase) {
      case SEARCH -> search(speed, binding, now);
      case HOLD -> watch(speed, binding, now);
      case PROBE_UP -> {
        if (!binding) {
          giveUpProbe();
        } else if (gains(speed) || limit > ceiling) {
          ceiling = limit > ceiling ? Integer.MAX_VALUE : ceiling;
          accept(speed);
          probeFactor = Math.min(MOST_PROBE_FACTOR, probeFactor * PROBE_FACTOR);
          probeUp(now);
        } else {
          base = between(base, limit * speed / baseSpeed, limit);
          nextProbeIsUp = false;
          giveUpProbe();
        }
      }
      case PROBE_DOWN -> {
        if (binding && limit * speed >= base * baseSpeed * (1 - lossAllowed())) {
          accept(speed);
          probeDown();
        } else {
          nextProbeIsUp = true;
          giveUpProbe();
        }
      }
    }
  }

  private void search(double speed, boolean binding, long now) {
    if (!binding) {
      return;
    }
    if (baseSpeed > 0 && limit > base && !gains(speed)) {
      double knee = limit * speed / baseSpeed * HEADROOM;
      base = between(base, Math.ceil(knee), limit);
      limit = base;
      baseSpeed = 0;
      // The first rounds were those of a cold start; soon look whether less does as well.
      nextProbeIsUp = false;
      hold(FIRST_HOLD);
      return;
    }
    accept(speed);
    int next = (int) Math.min(most, limit * SEARCH_FACTOR);
    if (now < ceilingUntil && next > ceiling) {
      next = Math.max(limit, ceiling);
    }
    if (next <= limit) {
      hold(SHORT_HOLD);
    } else {
      limit = next;
    }
  }

  private void watch(double speed, boolean binding, long now) {
    if (baseSpeed == 0) {
      accept(speed);
    } else if (speed > baseSpeed * FASTER || speed < baseSpeed * SLOWER) {
      oddRounds++;
      if (oddRounds >= 2 && binding) {
        boolean faster = speed > baseSpeed;
        accept(speed);
        if (faster) {
          ceiling = Integer.MAX_VALUE;
          probeUp(now);
        } else {
          probeDown();
        }
        return;
      }
    } else {
      oddRounds = 0;
      baseSpeed = 0.7 * baseSpeed + 0.3 * speed;
    }
    holdLeft--;
    if (holdLeft <= 0 && binding) {
      if (nextProbeIsUp) {
        probeUp(now);
      } else {
        probeDown();
      }
    }
  }

  private static int between(int least, double value, int most) {
    return (int) Math.max(least, Math.min(most, value));
  }

  private boolean gains(double speed) {
    double more = (double) limit / base - 1;
    return limit * speed >= base * baseSpeed * (1 + WORTHWHILE * more);
  }

  private double lossAllowed() {
    return WORTHWHILE * (1 - (double) limit / base);
  }

  private void accept(double speed) {
    base = limit;
    good = limit;
    baseSpeed = speed;
    oddRounds = 0;
    holdRounds = SHORT_HOLD;
  }

  private void probeUp(long now) {
    int next = (int) Math.min(most, Math.ceil(base * probeFactor));
    if (now < ceilingUntil && next > ceiling) {
      next = Math.max(base + 1, (int) Math.ceil(ceiling * (1 + BEYOND_CEILING)));
    }
    if (next <= base || next > most) {
      nextProbeIsUp = false;
      giveUpProbe();
    } else {
      limit = next;
      phase = Phase.PROBE_UP;
    }
  }

  private void probeDown() {
    int next = (int) (base * PROBE_DOWN_FACTOR);
    if (next < 1) {
      nextProbeIsUp = true;
      giveUpProbe();
    } else {
      limit = next;
      phase = Phase.PROBE_DOWN;
    }
  }

  private void giveUpProbe() {
    limit = base;
    probeFactor = PROBE_FACTOR;
    hold(Math.min(LONG_HOLD, holdRounds * 2));
  }

  private void hold(int rounds) {
    phase = Phase.HOLD;
    holdRounds = rounds;
    holdLeft = rounds;
    oddRounds = 0;
  }
}

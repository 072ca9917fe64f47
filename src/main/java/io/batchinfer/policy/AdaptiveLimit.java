package io.batchinfer.policy;

/**
 * Finds how many attempts an endpoint can work on at once, by trying: more are kept as long as they
 * bring more work done per second, fewer are kept when they bring as much. What counts is the
 * throughput (attempts under way times the speed of one), not the latency: an inference server
 * answers each request more slowly the more it batches, long before it is full. Speed is work per
 * second of one attempt, so that long answers do not look like a slow endpoint. Attempts that the
 * endpoint leaves lying do not work: a server that serves only some of its connections looks as
 * fast as ever to those that it answers.
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

  /** With so few the search may begin before anything is known. */
  private static final int FEWEST = 4;

  /** Share of the attempts that are left lying from which on all of them are too many. */
  private static final double TOO_MANY_LYING = 0.25;

  /** Share of the attempts whose connections may still be silent when a gain is concluded. */
  private static final double STILL_SILENT = 0.1;

  /** A round is never longer than so many, whoever is silent. */
  private static final int MOST_ROUNDS_SILENT = 3;

  /** Room for a rate's attempts to be unevenly spaced and some to take longer. */
  private static final double RATE_ROOM = 1.3;

  private static final int MOST_ANSWERS = 256;
  private static final long CEILING_NANOS = 60_000_000_000L;

  /** How long nothing is tried after attempts were left lying, which trying would bring again. */
  private static final long STEADY_NANOS = 5_000_000_000L;

  private enum Phase {
    SEARCH,
    HOLD,
    PROBE_UP,
    PROBE_DOWN
  }

  private final int most;
  private final double patienceSeconds;
  private int limit;

  /** Requests a second that may be sent, 0 for any number. */
  private double rate;

  /** Seconds that answers took of late, 0 while unknown. */
  private double latency;

  /** Attempts under way on connections that answer. */
  private int served;

  private boolean begun;
  private boolean measured;
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
  private long steadyUntil;
  private final ChanceRefusals byChance = new ChanceRefusals();

  /**
   * @param most never more than this
   * @param patienceSeconds never so many that, if they had to wait for each other, they would wait
   *     longer than this
   */
  public AdaptiveLimit(int most, double patienceSeconds) {
    this.most = Math.max(1, most);
    this.patienceSeconds = patienceSeconds;
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

  /** Whether so many answers let one judge a limit; the limit may be part of a shared one. */
  public static boolean isRound(long answers, int limit) {
    return answers >= Math.max(LEAST_ANSWERS, Math.min(MOST_ANSWERS, limit));
  }

  /** Tells how many requests a second may be sent, 0 for any number. */
  public void rate(double perSecond) {
    rate = perSecond;
  }

  /**
   * What has been answered of a round.
   *
   * @param count answers to attempts that began in it
   * @param attemptSeconds seconds from sending to answer, summed over them
   * @param work how much work they were, in a unit that stays the same
   */
  public record Answers(long count, double attemptSeconds, double work) {}

  /**
   * What is under way.
   *
   * @param inFlight attempts under way
   * @param silent those of them on connections that have not answered anything yet
   * @param leftLying those of these that wait for much longer than answers take
   */
  public record UnderWay(int inFlight, int silent, int leftLying) {}

  /** Tells how the round goes. */
  public void observe(Answers answered, UnderWay underWay, long nowNanos) {
    long answers = answered.count();
    double attemptSeconds = answered.attemptSeconds();
    double work = answered.work();
    int silent = underWay.silent();
    int leftLying = underWay.leftLying();
    if (answers <= 0 || attemptSeconds <= 0 || work <= 0) {
      return;
    }
    latency = attemptSeconds / answers;
    served = Math.max(1, underWay.inFlight() - silent);
    if (!measured) {
      begin();
    }
    if (!isRound(answers, limit)) {
      return;
    }
    if (leftLying > limit * TOO_MANY_LYING) {
      measured = true;
      shed(leftLying, nowNanos);
      return;
    }
    boolean growing = phase == Phase.SEARCH || phase == Phase.PROBE_UP;
    boolean open = silent > leftLying && silent > limit * STILL_SILENT;
    if (growing && open && !isRound(answers / MOST_ROUNDS_SILENT, limit)) {
      // What is more than before has no answer yet: that tells neither of a gain nor of none.
      return;
    }
    measured = true;
    double working = (double) Math.max(1, limit - leftLying) / limit;
    // An attempt that is turned away leaves its place empty until the next report.
    boolean binding = underWay.inFlight() >= limit * 0.9 * (1 - byChance.share()) - 1;
    judge(work / attemptSeconds * working, binding, leftLying, nowNanos);
    round++;
  }

  /** Until a round is over, the first answers say how many there may be. */
  private void begin() {
    double wanted = Math.max(INITIAL, Math.ceil(rate * latency * RATE_ROOM));
    int start = (int) Math.min(Math.min(most, wanted), mostInPatience());
    // Never fewer than were under way when nothing was known.
    start = Math.max(start, Math.min(FEWEST, most));
    limit = begun ? Math.max(limit, start) : start;
    begun = true;
    base = limit;
    good = limit;
  }

  /** No more than so many, or the last would have to wait for too long if nothing was gained. */
  private double mostInPatience() {
    return latency == 0 ? most : served * patienceSeconds / latency;
  }

  /** Those that are left lying were too many; the others are served as before. */
  private void shed(int leftLying, long now) {
    limit = Math.max(1, limit - leftLying);
    base = limit;
    good = limit;
    baseSpeed = 0;
    nextProbeIsUp = true;
    steadyUntil = now + STEADY_NANOS;
    hold(SHORT_HOLD);
    round++;
  }

  /**
   * Reports that the endpoint turned attempts away for lack of room. Each was one too many, unless
   * as many are turned away however few are under way.
   *
   * @param refusals since the last call
   * @param answers to other attempts since then
   */
  public void refused(long refusals, long answers, long nowNanos) {
    boolean tried = (phase == Phase.SEARCH || phase == Phase.PROBE_UP) && limit > base;
    long count = byChance.counting(refusals, answers, limit, tried, nowNanos);
    int from = byChance.found();
    if (from > 0) {
      // What the limit was lowered for was no lack of room.
      limit = Math.min(most, from);
      base = limit;
      good = limit;
      baseSpeed = 0;
      ceiling = Integer.MAX_VALUE;
      phase = Phase.SEARCH;
      round++;
      return;
    }
    if (count <= 0) {
      return;
    }
    measured = true;
    limit = (int) Math.max(1, limit - count);
    ceiling = limit;
    ceilingUntil = nowNanos + CEILING_NANOS;
    round++;
    boolean growing = phase == Phase.SEARCH || phase == Phase.PROBE_UP;
    if (growing && limit > base) {
      return;
    }
    if (growing && limit >= base * PROBE_DOWN_FACTOR && baseSpeed > 0) {
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

  private void judge(double speed, boolean binding, int leftLying, long now) {
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
          if (leftLying > 0) {
            steadyUntil = now + STEADY_NANOS;
          }
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
    int next = (int) Math.min(Math.min(most, limit * SEARCH_FACTOR), mostInPatience());
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
    if (holdLeft <= 0 && binding && (steadyUntil == 0 || now - steadyUntil >= 0)) {
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
    if (next <= base || next > Math.min(most, mostInPatience())) {
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

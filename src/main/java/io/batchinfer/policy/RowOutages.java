package io.batchinfer.policy;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What outages of endpoints meant for one row: whether it is sent again for them, and whether it
 * may be their cause. A row that was under way in two outages is a suspect, and goes out alone from
 * then on. Used by one thread after the other.
 */
public final class RowOutages {
  /** Outages after which a row is a suspect. */
  public static final int SUSPECT_AFTER = 2;

  /** A suspect that others were sent beside, against the rule, is not tried for ever. */
  private static final int MOST_OUTAGES = 6;

  private OutageVerdict verdict = OutageVerdict.OWN;
  private long outage;
  private boolean mayHaveRun;
  private int outages;

  /** Losses in the outage that the last one was in. */
  private int losses;

  private long lossesOf = -1;
  private int allResets;
  private int coldResets;
  private int turnedAway;

  /** Looks with the row that were lost, by outage; null as long as there are none. */
  private @Nullable Map<Long, Integer> lostLooks;

  private int allLostLooks;

  /** Those of a row that goes out alone from the first. */
  static RowOutages ofSuspect() {
    RowOutages suspect = new RowOutages();
    suspect.outages = SUSPECT_AFTER;
    return suspect;
  }

  /** What an outage means for the next step of a row. */
  public enum Next {
    /** No outage: the table of meanings decides. */
    BY_TABLE,
    /** The row waits for its turn, and nothing counts against it. */
    AGAIN,
    /** It was sent as often as may be, and ends with what the last attempt brought. */
    GIVE_UP,
    /** It ends as the cause of outages. */
    CRASHES_ENDPOINT
  }

  /**
   * Takes in what the driver makes of the last attempt.
   *
   * @param inOutage number of the outage, the same for all rows that it took; of no meaning for
   *     {@link OutageVerdict#OWN}
   * @param lost whether its connection, or that of a gateway, broke under it, so that it may have
   *     run
   */
  public void judged(OutageVerdict last, long inOutage, boolean lost) {
    verdict = last;
    outage = inOutage;
    mayHaveRun = lost;
  }

  /** Whether the last attempt was lost in an outage, and may have run. */
  public boolean mayHaveRun() {
    return mayHaveRun && (verdict == OutageVerdict.SHARED || verdict == OutageVerdict.CRASHED);
  }

  /** Outages in which an attempt of the row was under way. */
  public int count() {
    return outages;
  }

  /** Whether the row is to be under way alone. */
  public boolean isSuspect() {
    return outages >= SUSPECT_AFTER;
  }

  /**
   * Decides after an attempt.
   *
   * @param resends repeats of an attempt that may have run, for every outage
   * @param attempts most attempts that end without anything that can be learned from them
   * @param patient whether an endpoint that has never answered is waited for, however often it
   *     breaks connections
   */
  public Next next(int resends, int attempts, boolean patient) {
    return switch (verdict) {
      case OWN -> Next.BY_TABLE;
      case WAITED -> mayHaveRun && isLookedEnough(2 * attempts) ? givenUp() : Next.AGAIN;
      case TURNED_AWAY -> {
        if (mayHaveRun) {
          yield isLookedEnough(2 * attempts) ? givenUp() : Next.AGAIN;
        }
        // Many others wait for their turn in an outage; one that comes again and again is alone.
        yield ++turnedAway < 2 * attempts ? Next.AGAIN : Next.GIVE_UP;
      }
      case RESET -> {
        // It is lost beside an outage, not by it: whatever it was in before, nothing says that
        // the row is to blame.
        allResets++;
        yield lostAgain() <= resends && allResets < MOST_OUTAGES * Math.max(1, resends)
            ? Next.AGAIN
            : Next.GIVE_UP;
      }
      case COLD_RESET ->
          resends > 0 && (patient || ++coldResets < attempts) ? Next.AGAIN : givenUp();
      case SHARED -> {
        outages++;
        int unused = lostAgain();
        if (outages >= MOST_OUTAGES) {
          yield Next.CRASHES_ENDPOINT;
        }
        yield resends > 0 || !mayHaveRun ? Next.AGAIN : Next.GIVE_UP;
      }
      case CRASHED -> Next.CRASHES_ENDPOINT;
    };
  }

  /**
   * A gateway answers the same whether the server behind it is away or dies of the row: that is
   * tried for longer than a usual restart takes, but not for ever.
   */
  private boolean isLookedEnough(int most) {
    if (lostLooks == null) {
      lostLooks = new HashMap<>();
    }
    allLostLooks++;
    return lostLooks.merge(outage, 1, Integer::sum) >= most || allLostLooks >= 4 * most;
  }

  /** Losses in the outage of the last attempt, this one included. */
  private int lostAgain() {
    losses = lossesOf == outage ? losses + 1 : 1;
    lossesOf = outage;
    return losses;
  }

  private Next givenUp() {
    return outages > 0 ? Next.CRASHES_ENDPOINT : Next.GIVE_UP;
  }
}

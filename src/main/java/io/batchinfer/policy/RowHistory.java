package io.batchinfer.policy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What became of a row's attempts so far, and whether that speaks for the row or for the endpoint:
 * a failure that meets one row alone while others succeed is the row's own. One attempt after the
 * other may use it, on any thread.
 *
 * <p>A row that is turned away, throttled or for lack of room, is weighed against chance: each
 * refusal is as likely as the share of other attempts that were refused since the row's refusal
 * before. Once the product is below one in a hundred million, the row is given up; a limit that
 * turns half of all away never comes to that, in practice, and one that turns all away does not at
 * all.
 */
public final class RowHistory {
  private static final double NO_CHANCE = 1e-8;
  private static final int LEAST_REFUSALS = 6;

  /** Below that share of refusals among the others, a refused row is alone. */
  private static final double FEW = 0.25;

  /** As long as no other row was answered or refused. */
  private static final double UNKNOWN_SHARE = 0.5;

  private static final int SERVER_ERROR_STATUS = 500;

  private final Neighbours neighbours;
  private final RowOutages outages;

  private Neighbours.@Nullable Mark refusedAt;
  private int refusals;
  private double chance = 1;
  private double share = UNKNOWN_SHARE;

  private Neighbours.@Nullable Mark failedAt;
  private int failedWith;
  private boolean repeated;

  RowHistory(Neighbours neighbours, RowOutages outages) {
    this.neighbours = neighbours;
    this.outages = outages;
  }

  /** What outages of the endpoint meant for it. */
  public RowOutages outages() {
    return outages;
  }

  /**
   * Takes in the end of an attempt.
   *
   * @param meaning what it means by itself
   * @param status status of the answer, 0 without one
   * @param body body of the answer, empty without one
   * @return what it means among the other rows
   */
  public StatusMeaning next(StatusMeaning meaning, int status, byte[] body) {
    if (meaning == StatusMeaning.ANSWERED) {
      neighbours.succeeded();
    }
    if (meaning == StatusMeaning.THROTTLED || meaning == StatusMeaning.OVERLOADED) {
      return turnedAway(meaning);
    }
    if (meaning != StatusMeaning.NOT_SENT && meaning != StatusMeaning.UNREACHABLE) {
      refusedAt = null;
      refusals = 0;
      chance = 1;
      share = UNKNOWN_SHARE;
    }
    if (meaning == StatusMeaning.SERVER_ERROR && status == SERVER_ERROR_STATUS) {
      return failed(body);
    }
    if (meaning == StatusMeaning.ANSWERED && failedAt != null && !repeated) {
      neighbours.rowRecovered();
    }
    return meaning;
  }

  private StatusMeaning turnedAway(StatusMeaning alone) {
    Neighbours.Mark since = refusedAt;
    refusals++;
    StatusMeaning meaning = alone;
    if (since != null) {
      Neighbours.Mark now = neighbours.mark();
      long succeeded = now.successes() - since.successes();
      share = share(now.turnedAway() - since.turnedAway(), succeeded, share);
      chance *= share;
      if (refusals >= LEAST_REFUSALS && chance < NO_CHANCE) {
        return StatusMeaning.REFUSED_ALONE;
      }
      if (share < FEW) {
        meaning = StatusMeaning.THROTTLED_ALONE;
      } else if (alone == StatusMeaning.OVERLOADED && succeeded > 0) {
        meaning = StatusMeaning.FULL;
      }
    }
    neighbours.turnedAway();
    refusedAt = neighbours.mark();
    return meaning;
  }

  /** Share of the others that were refused; where there were none, what was known holds. */
  private static double share(long refused, long succeeded, double known) {
    if (succeeded == 0) {
      return refused == 0 ? known : 1;
    }
    return (refused + 1.0) / (refused + succeeded + 2.0);
  }

  private StatusMeaning failed(byte[] body) {
    int answer = Arrays.hashCode(body);
    Neighbours.Mark since = failedAt;
    if (since == null) {
      neighbours.rowFailed();
      failedAt = neighbours.mark();
      failedWith = answer;
      return neighbours.succeed() && neighbours.isRepeatingUseless()
          ? StatusMeaning.ROW_FAILS
          : StatusMeaning.SERVER_ERROR;
    }
    if (answer != failedWith) {
      failedWith = answer;
      return StatusMeaning.SERVER_ERROR;
    }
    if (!repeated) {
      repeated = true;
      neighbours.rowRepeated();
    }
    Neighbours.Mark now = neighbours.mark();
    boolean othersSucceed =
        now.successes() - since.successes() > now.rowsFailed() - since.rowsFailed();
    return othersSucceed && neighbours.isRepeatingUseless()
        ? StatusMeaning.ROW_FAILS_AGAIN
        : StatusMeaning.SERVER_ERROR;
  }
}

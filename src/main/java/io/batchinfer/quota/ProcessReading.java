package io.batchinfer.quota;

import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaRequest.Totals;

/**
 * What a process has done for runs and has under way, for whoever watches it: as it knows itself,
 * or as it last reported.
 *
 * @param inFlight attempts under way
 * @param waiting attempts that wait for a permit
 */
public record ProcessReading(Totals totals, int inFlight, int waiting) {
  /** Of a process that has done nothing. */
  public static final ProcessReading NOTHING = new ProcessReading(Totals.NOTHING, 0, 0);

  /** What both have done and have under way. */
  public ProcessReading plus(ProcessReading other) {
    return new ProcessReading(
        totals.plus(other.totals), inFlight + other.inFlight, waiting + other.waiting);
  }

  /** What remains of it when it has ended: its totals. */
  public ProcessReading ended() {
    Totals last =
        new Totals(
            totals.meanings(), totals.tokenRefund(), totals.used(), totals.progress().ended());
    return new ProcessReading(last, 0, 0);
  }

  /** Attempts that ended with that meaning. */
  public long attempts(StatusMeaning meaning) {
    return totals.meanings()[meaning.ordinal()];
  }
}

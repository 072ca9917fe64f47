package io.batchinfer.quota;

import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaRequest.Progress;
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

  /**
   * The same, of a process of which it is known that it has settled that, and may have said less.
   */
  public ProcessReading atLeast(long settled, long failed, Usage used) {
    Progress told = totals.progress();
    Progress progress =
        new Progress(
            Math.max(told.settled(), settled),
            Math.max(told.failed(), failed),
            told.attempts(),
            told.usage(),
            told.errors(),
            told.latencies(),
            told.journalLagMillis(),
            told.processors());
    Usage known = totals.used().total() >= used.total() ? totals.used() : used;
    return new ProcessReading(
        new Totals(totals.meanings(), totals.tokenRefund(), known, progress), inFlight, waiting);
  }

  /** Attempts that ended with that meaning. */
  public long attempts(StatusMeaning meaning) {
    return totals.meanings()[meaning.ordinal()];
  }
}

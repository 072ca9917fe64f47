package io.batchinfer.quota;

import io.batchinfer.quota.QuotaRequest.Held;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.Wanted;

/** What a process asks the authority for, one question after the other. Not thread-safe. */
final class Questions {
  private final String session;
  private final AttemptBook book;
  private final Admission admission;
  private long asked;

  Questions(String session, AttemptBook book, Admission admission) {
    this.session = session;
    this.book = book;
    this.admission = admission;
  }

  /**
   * The next question. Permits that cannot be used go back with it.
   *
   * @param progress totals of the process
   * @param roundTripNanos how long an answer takes
   */
  QuotaRequest next(Progress progress, long now, long roundTripNanos) {
    admission.giveBackPermits();
    WaitingRows waiting = admission.waiting();
    LoadBalancer balancer = admission.balancer();
    int wanted = admission.wantedRows();
    return new QuotaRequest(
        session,
        asked++,
        new Held(
            balancer.slotsInUse(),
            admission.grant().allowed(),
            admission.permits().receivedTokens()),
        new Wanted(
            admission.waitingForSlots(),
            waiting.suspects(),
            wanted,
            admission.costs(wanted),
            roundTripNanos),
        balancer.report(now),
        book.takeObserved(),
        book.totals(progress));
  }
}

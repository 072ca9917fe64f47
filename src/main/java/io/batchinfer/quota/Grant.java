package io.batchinfer.quota;

import io.batchinfer.quota.QuotaReply.Allowance;
import io.batchinfer.time.Elapsed;
import java.util.List;

/**
 * What the driver's last answer lets a process do, apart from its slots and the rows of the rate.
 * Immutable.
 *
 * @param unlimited whether there is no rate limit
 * @param tokensPerMinute the limit on tokens, 0 for none
 * @param allowances what the process may have spent since it began
 * @param askedAt when the question was asked: from then on the fence counts, since from then on the
 *     driver counts it
 * @param fenceNanos how long after it the process may go on sending
 * @param stopped whether nothing new may be sent any more
 */
record Grant(
    boolean unlimited,
    long tokensPerMinute,
    List<Allowance> allowances,
    Elapsed.Mark askedAt,
    long fenceNanos,
    boolean stopped) {
  /** Nothing, as long as no answer has come. */
  static Grant nothing(Elapsed.Mark now) {
    return new Grant(false, 0, List.of(), now, 0, false);
  }

  static Grant of(QuotaReply reply, Elapsed.Mark askedAt) {
    return new Grant(
        reply.unlimited(),
        reply.tokensPerMinute(),
        reply.allowances(),
        askedAt,
        reply.fenceNanos(),
        reply.stopped());
  }

  /** What the process may have spent of each budget. */
  double[] allowed() {
    return allowances.stream().mapToDouble(Allowance::upTo).toArray();
  }

  /** Whether the fence has run out, so that no request may be written. */
  boolean isFenced(Elapsed elapsed) {
    return elapsed.since(askedAt).toNanos() >= fenceNanos;
  }
}

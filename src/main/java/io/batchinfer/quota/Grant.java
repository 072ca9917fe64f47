package io.batchinfer.quota;

import io.batchinfer.quota.QuotaReply.Allowance;
import io.batchinfer.quota.QuotaReply.Leave;
import io.batchinfer.quota.QuotaReply.Rate;
import io.batchinfer.time.Elapsed;
import java.util.List;

/**
 * What the driver's last answer lets a process do, apart from its slots and the rows of the rate.
 * Immutable.
 *
 * @param askedAt when the question was asked: from then on the fence counts, since from then on the
 *     driver counts it
 */
record Grant(Rate rate, Leave leave, Elapsed.Mark askedAt) {
  /** Nothing, as long as no answer has come. */
  static Grant nothing(Elapsed.Mark now) {
    return new Grant(new Rate(false, 0), new Leave(0, 0, List.of(), false), now);
  }

  static Grant of(QuotaReply reply, Elapsed.Mark askedAt) {
    return new Grant(reply.rate(), reply.leave(), askedAt);
  }

  /** Whether there is no rate limit. */
  boolean unlimited() {
    return rate.unlimited();
  }

  /** The limit on tokens, 0 for none. */
  long tokensPerMinute() {
    return rate.tokensPerMinute();
  }

  /** What the process may have spent since it began. */
  List<Allowance> allowances() {
    return leave.allowances();
  }

  /** Whether nothing new may be sent any more. */
  boolean stopped() {
    return leave.stopped();
  }

  /** What the process may have spent of each budget. */
  double[] allowed() {
    return allowances().stream().mapToDouble(Allowance::upTo).toArray();
  }

  /** Whether the fence has run out, so that no request may be written. */
  boolean isFenced(Elapsed elapsed) {
    return elapsed.since(askedAt).toNanos() >= leave.fenceNanos();
  }
}

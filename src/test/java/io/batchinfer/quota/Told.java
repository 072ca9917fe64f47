package io.batchinfer.quota;

import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.ReplicaReport;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import java.util.TreeMap;

/** What a process tells the driver; where a test says nothing else, there is nothing to tell. */
final class Told {
  final String process;
  long number;
  int[] slots = {};
  double[] allowed = {};
  ReplicaReport[] replicas = {ReplicaReport.NONE};
  ReplicaSigns[] signs = {ReplicaSigns.NONE};
  int waiting;
  int suspects;
  int wantedRows;
  long[] costs = {};
  long receivedTokens;
  long tokenRefund;
  long roundTripNanos;
  long coolDownNanos;
  StatedLimits stated = StatedLimits.NONE;
  long cutAfterNanos;
  String detail = "";
  String remark = "";
  Usage used = Usage.NONE;
  Progress progress = new Progress(0, 0, 0, Usage.NONE, new TreeMap<>(), LatencyHistogram.NONE);
  private final long[] meanings = new long[StatusMeaning.values().length];

  Told(String process) {
    this.process = process;
  }

  /** So many attempts ended like that, beside those told before. */
  Told ended(StatusMeaning meaning, int count) {
    meanings[meaning.ordinal()] += count;
    return this;
  }

  Told waiting(int rows) {
    waiting = rows;
    return this;
  }

  /** Attempts under way at the one replica that there is. */
  Told inFlight(int attempts) {
    replicas = new ReplicaReport[] {underWay(attempts)};
    return this;
  }

  static ReplicaReport underWay(int attempts) {
    return new ReplicaReport(attempts, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  QuotaRequest message() {
    return new QuotaRequest(
        process,
        number,
        slots,
        allowed,
        replicas,
        signs,
        waiting,
        suspects,
        wantedRows,
        costs,
        receivedTokens,
        tokenRefund,
        roundTripNanos,
        coolDownNanos,
        stated,
        cutAfterNanos,
        meanings.clone(),
        detail,
        remark,
        used,
        progress);
  }
}

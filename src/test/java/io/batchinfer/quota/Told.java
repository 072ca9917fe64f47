package io.batchinfer.quota;

import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaRequest.Held;
import io.batchinfer.quota.QuotaRequest.Observed;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.quota.QuotaRequest.Totals;
import io.batchinfer.quota.QuotaRequest.Wanted;
import io.batchinfer.quota.ReplicaReport.Round;
import io.batchinfer.quota.ReplicaReport.Silence;
import io.batchinfer.quota.ReplicaSigns.UsedTicket;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What a process tells the driver; where a test says nothing else, there is nothing to tell. */
final class Told {
  final String process;
  long number;
  int slots;
  double[] allowed = {};
  List<ReplicaReport> replicas = List.of(ReplicaReport.of("replica-0"));
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
    replicas = List.of(underWay(attempts));
    return this;
  }

  static ReplicaReport underWay(int attempts) {
    return ReplicaReport.of("replica-0").withInFlight(attempts);
  }

  /** Attempts that failed at each replica, with nothing else to tell of them. */
  Told failed(ReplicaSigns.Failed... failed) {
    replicas = new ArrayList<>();
    for (ReplicaSigns.Failed each : failed) {
      replicas.add(
          of("replica-" + replicas.size(), new ReplicaSigns(0, each, UsedTicket.NONE, 0, 0)));
    }
    return this;
  }

  static ReplicaReport of(String name, ReplicaSigns signs) {
    return new ReplicaReport(name, 0, UnderWay.NOTHING, 0, Round.NONE, Silence.NONE, signs);
  }

  QuotaRequest message() {
    return new QuotaRequest(
        process,
        number,
        new Held(slots, allowed, receivedTokens),
        new Wanted(waiting, suspects, wantedRows, costs, roundTripNanos),
        replicas,
        new Observed(coolDownNanos, stated, cutAfterNanos, detail, remark),
        new Totals(meanings.clone(), tokenRefund, used, progress));
  }
}

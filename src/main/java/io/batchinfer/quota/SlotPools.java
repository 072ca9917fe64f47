package io.batchinfer.quota;

import io.batchinfer.quota.QuotaRequest.ReplicaReport;
import io.batchinfer.quota.SlotPool.UnderWay;
import java.util.ArrayList;
import java.util.List;

/**
 * The slots of an endpoint: one pool for all replicas together where the concurrency is given, one
 * for each where it is being found out. Not thread-safe.
 */
final class SlotPools {
  private final boolean adaptive;
  private final List<SlotPool> pools = new ArrayList<>();
  private int most;

  /**
   * @param concurrency attempts under way at once, 0 to find out what the endpoint can stand
   */
  SlotPools(int concurrency) {
    adaptive = concurrency == 0;
    most = concurrency;
    if (!adaptive) {
      pools.add(SlotPool.fixed(concurrency));
    }
  }

  int count() {
    return pools.size();
  }

  /** Slots in all, as far as they are known. */
  int limit() {
    int sum = 0;
    for (SlotPool pool : pools) {
      sum += pool.limit();
    }
    return sum;
  }

  long[] rounds() {
    return pools.stream().mapToLong(SlotPool::round).toArray();
  }

  /** Keeps to so many slots in all from now on; 0 for no limit of that kind. */
  void restrict(int concurrency) {
    most = concurrency;
    for (int i = 0; i < pools.size() && most > 0; i++) {
      pools.get(i).restrict(most / pools.size() + (i < most % pools.size() ? 1 : 0));
    }
  }

  /** Makes pools for replicas that are new. */
  void open(int replicas, ProcessView process) {
    while (adaptive && pools.size() < replicas) {
      pools.add(SlotPool.adaptive(pools.size(), process.run().patience()));
      restrict(most);
    }
    process.expectPools(pools.size());
  }

  /** Takes in what a process saw, before it is noted as its last report. */
  void measure(
      ProcessView process, ReplicaReport[] reports, List<QuotaAuthority> runs, Measured at) {
    for (int i = 0; adaptive && i < pools.size(); i++) {
      UnderWay all = UnderWay.NOTHING.plus(reports[i]);
      for (QuotaAuthority run : runs) {
        for (ProcessView other : run.processes()) {
          ReplicaReport report = other == process ? null : other.replica(i);
          all = report == null ? all : all.plus(report);
        }
      }
      pools.get(i).rate(at.requestsPerSecond() / pools.size());
      pools.get(i).observe(process.replica(i), reports[i], all, at.now());
    }
  }

  /**
   * When something was measured, and at which rate.
   *
   * @param requestsPerSecond those that may be sent to all replicas together, 0 for any number
   */
  record Measured(long now, double requestsPerSecond) {}

  /** Gives a process its share of every pool. */
  void grant(ProcessView process, List<QuotaAuthority> runs) {
    for (SlotPool pool : pools) {
      pool.grant(process, runs);
    }
  }

  /** Gives a process nothing. */
  void withdraw(ProcessView process) {
    for (int i = 0; i < pools.size(); i++) {
      process.grantSlots(i, 0);
    }
  }
}

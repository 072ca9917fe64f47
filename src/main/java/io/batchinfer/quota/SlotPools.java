package io.batchinfer.quota;

import java.util.ArrayList;
import java.util.List;

/**
 * The slots of an endpoint: one pool for all replicas together where the concurrency is given, one
 * for each where it is being found out. Not thread-safe.
 */
final class SlotPools {
  private final boolean adaptive;
  private List<SlotPool> pools = List.of();
  private int most;

  /**
   * @param concurrency attempts under way at once, 0 to find out what the endpoint can stand
   */
  SlotPools(int concurrency) {
    adaptive = concurrency == 0;
    most = concurrency;
    if (!adaptive) {
      pools = List.of(SlotPool.fixed(concurrency));
    }
  }

  /** Slots in all, as far as they are known. */
  int limit() {
    int sum = 0;
    for (SlotPool pool : pools) {
      sum += pool.limit();
    }
    return sum;
  }

  /** Keeps to so many slots in all from now on; 0 for no limit of that kind. */
  void restrict(int concurrency) {
    most = concurrency;
    for (SlotPool pool : pools) {
      if (most > 0) {
        pool.restrict(pool.partOf(most));
      }
    }
  }

  /** Makes pools for replicas that are new, and drops those of replicas that are gone. */
  void open(Replicas replicas, ProcessView process) {
    if (!adaptive) {
      return;
    }
    boolean changed = pools.size() != replicas.count();
    for (Replica replica : replicas.all()) {
      changed |= replica.pool() == null;
    }
    if (!changed) {
      return;
    }
    List<SlotPool> ofReplicas = new ArrayList<>();
    for (Replica replica : replicas.all()) {
      SlotPool pool = replica.pool();
      if (pool == null) {
        pool = SlotPool.adaptive(replica, process.run().patience());
        replica.pool(pool);
      }
      pool.stands(ofReplicas.size(), replicas.count());
      ofReplicas.add(pool);
    }
    pools = ofReplicas;
    restrict(most);
  }

  /** Takes in what a process saw, before it is noted as its last report. */
  void measure(ProcessView process, QuotaRequest request, List<QuotaAuthority> runs, Measured at) {
    for (int i = 0; adaptive && i < request.replicas().size(); i++) {
      ReplicaReport report = request.replicas().get(i);
      Replica replica = process.replicas().get(i);
      SlotPool pool = replica.pool();
      if (pool == null) {
        continue;
      }
      UnderWay all = report.underWay();
      for (QuotaAuthority run : runs) {
        for (ProcessView other : run.processes()) {
          ReplicaReport known = other == process ? null : other.reportOf(replica);
          all = known == null ? all : all.plus(known.underWay());
        }
      }
      pool.rate(at.requestsPerSecond() / pools.size());
      pool.observe(process.reportOf(replica), report, all, at.now());
    }
  }

  /**
   * When something was measured, and at which rate.
   *
   * @param requestsPerSecond those that may be sent to all replicas together, 0 for any number
   */
  record Measured(long now, double requestsPerSecond) {}

  /** What a group's runs have of all pools, and could use. */
  QuotaGroup.Use use(QuotaGroup group, List<QuotaAuthority> runs) {
    long held = 0;
    long demand = 0;
    for (QuotaAuthority run : runs) {
      for (SlotPool pool : pools) {
        if (run.group() != group) {
          break;
        }
        for (ProcessView process : run.processes()) {
          held += process.held(pool);
        }
        demand += run.demand(pool);
      }
    }
    return new QuotaGroup.Use(Math.toIntExact(held), (int) Math.min(Integer.MAX_VALUE, demand));
  }

  /** Gives a process its share of every pool. */
  void grant(ProcessView process, List<QuotaAuthority> runs) {
    for (SlotPool pool : pools) {
      if (process.knows(pool)) {
        pool.grant(process, runs);
      }
    }
  }

  /** Gives a process nothing. */
  void withdraw(ProcessView process) {
    for (SlotPool pool : pools) {
      process.grantSlots(pool, 0);
    }
  }
}

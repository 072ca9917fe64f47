package io.batchinfer.quota;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The replicas of an endpoint, by name: one is known as soon as a process reports it, whether
 * others know it or not, and forgotten when none does any more. While there is no process at all
 * nothing is forgotten: what was learned is the next run's. Not thread-safe.
 */
final class Replicas {
  private final Map<String, Replica> known = new LinkedHashMap<>();
  private final BitSet places = new BitSet();

  /** Numbers of outages, no two alike. */
  private long outages;

  Collection<Replica> all() {
    return known.values();
  }

  int count() {
    return known.size();
  }

  /**
   * Takes in which replicas a process reports from now on, instead of those that it reported
   * before; returns them in the order of the report.
   */
  List<Replica> reportedBy(ProcessView process, List<ReplicaReport> reports) {
    List<Replica> before = process.replicas();
    if (isSame(before, reports)) {
      return before;
    }
    List<Replica> now = new ArrayList<>();
    for (ReplicaReport report : reports) {
      Replica replica = known.computeIfAbsent(report.name(), this::open);
      if (!now.contains(replica)) {
        now.add(replica);
        replica.reporters(1);
      }
    }
    for (Replica replica : before) {
      replica.reporters(-1);
      if (!now.contains(replica)) {
        replica.watch().forget(process);
      }
    }
    forgetUnreported();
    return now;
  }

  /** Every question of the usual process comes by here. */
  private static boolean isSame(List<Replica> before, List<ReplicaReport> reports) {
    boolean same = before.size() == reports.size();
    for (int i = 0; same && i < before.size(); i++) {
      same = before.get(i).name().equals(reports.get(i).name());
    }
    return same;
  }

  private Replica open(String name) {
    int place = places.nextClearBit(0);
    places.set(place);
    return new Replica(name, place, new ReplicaWatch(() -> ++outages));
  }

  /** Takes in that a process has left or fallen silent. */
  void leftBy(ProcessView process) {
    for (Replica replica : process.replicas()) {
      replica.reporters(-1);
      replica.watch().forget(process);
    }
    process.forgetReplicas();
    forgetUnreported();
  }

  private void forgetUnreported() {
    if (known.values().stream().noneMatch(Replica::isReported)) {
      return;
    }
    for (Iterator<Replica> replicas = known.values().iterator(); replicas.hasNext(); ) {
      Replica replica = replicas.next();
      if (!replica.isReported()) {
        replicas.remove();
        places.clear(replica.place());
      }
    }
  }
}

package io.batchinfer.engine.lead;

import io.batchinfer.time.Elapsed;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which processes work for a run, and when each was last heard from. Not thread-safe. */
final class WorkerProcesses {
  /** Processes that have anything to do are heard many times within that. */
  private static final Duration LISTENING = Duration.ofSeconds(3);

  private final Elapsed elapsed;
  private final Duration retention;
  private final Map<String, Elapsed.Mark> seen = new HashMap<>();
  private final Set<String> takenForDead = new HashSet<>();
  private final Map<String, Set<String>> ofProcesses = new HashMap<>();
  private final Set<String> goneProcesses = new HashSet<>();
  private Elapsed.Mark lastHeard;

  /**
   * @param retention how long after its last message a process is taken for alive
   */
  WorkerProcesses(Elapsed elapsed, Duration retention) {
    this.elapsed = elapsed;
    this.retention = retention;
    this.lastHeard = elapsed.mark();
  }

  /** Notes that a process is alive. */
  void saw(String session) {
    Elapsed.Mark now = elapsed.mark();
    if (!isListening()) {
      // Nobody was heard, so it was this process that did not listen.
      seen.replaceAll((any, before) -> now);
    }
    lastHeard = now;
    Elapsed.Mark before = seen.put(session, now);
    if (before != null && elapsed.since(before).compareTo(retention) > 0) {
      takenForDead.add(session);
    }
  }

  /** Whether anybody was heard of late. Silence of all is not a sign that all are gone. */
  boolean isListening() {
    return elapsed.since(lastHeard).compareTo(LISTENING) <= 0;
  }

  /** Whether it came back after it was taken for dead: it may only save what it has. */
  boolean isTakenForDead(String session) {
    return takenForDead.contains(session);
  }

  /** Whether it was heard of late, as whoever waits for work is. */
  boolean isHeard(String session) {
    Elapsed.Mark last = seen.get(session);
    return last != null && elapsed.since(last).compareTo(LISTENING) <= 0;
  }

  /** Whether it was not heard for so long that it can no longer send. */
  boolean isSilent(String session) {
    Elapsed.Mark last = seen.get(session);
    return last == null || elapsed.since(last).compareTo(retention) > 0;
  }

  /** Notes in which process of the cluster a session is. */
  void runsIn(String session, String process) {
    ofProcesses.computeIfAbsent(process, unused -> new HashSet<>()).add(session);
  }

  /**
   * Notes that a process of the cluster is gone.
   *
   * @return its sessions; none when that is known already
   */
  Set<String> gone(String process) {
    return goneProcesses.add(process) ? ofProcesses.getOrDefault(process, Set.of()) : Set.of();
  }
}

package io.batchinfer.engine.lead;

import io.batchinfer.engine.lead.LedgerCalls.Call;
import io.batchinfer.time.Elapsed;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions that hold splits fell silent, and what was taken from them. For one call of the
 * ledger at a time.
 */
final class SilentSessions {
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(100);

  private final WorkerProcesses sessions;
  private final Elapsed elapsed;

  /** Splits that were taken from silent sessions, of whose end nothing is known yet. */
  private final Map<String, Set<Integer>> taken = new HashMap<>();

  private Elapsed.@Nullable Mark looked;

  SilentSessions(WorkerProcesses sessions, Elapsed elapsed) {
    this.sessions = sessions;
    this.elapsed = elapsed;
  }

  /** Those that fell silent; none where the last look was a moment ago. */
  Set<String> look(Collection<String> holding, Call call) {
    if (looked != null && elapsed.since(looked).compareTo(LOOK_INTERVAL) < 0) {
      return Set.of();
    }
    looked = elapsed.mark();
    call.steps(holding.size());
    return holding.stream().filter(sessions::isSilent).collect(Collectors.toSet());
  }

  /** These are taken from the session. */
  void took(String session, Set<Integer> splits) {
    taken.computeIfAbsent(session, unused -> new TreeSet<>()).addAll(splits);
  }

  Set<Integer> takenFrom(String session) {
    return taken.getOrDefault(session, Set.of());
  }
}

package io.batchinfer.quota;

import io.batchinfer.model.Usage;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.Totals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The processes that work for a run, those of them that have fallen silent, and what those brought
 * that have left. Not thread-safe.
 */
final class RunProcesses {
  private static final Duration SWEEP_INTERVAL = Duration.ofMillis(100);

  private final QuotaAuthority run;
  private final Duration retention;
  private final Map<String, ProcessView> active = new LinkedHashMap<>();

  /** Should one of them come back, its totals go on from what is known. */
  private final Map<String, ProcessView> silent = new LinkedHashMap<>();

  private long sweptAt;
  private Totals departed = Totals.NOTHING;

  /**
   * @param retention how long a silent process is assumed to have its slots in use
   */
  RunProcesses(QuotaAuthority run, Duration retention) {
    this.run = run;
    this.retention = retention;
  }

  /** The process of that name, which has just asked something. */
  ProcessView asking(String id, long now) {
    ProcessView known = active.get(id);
    if (known != null) {
      return known;
    }
    ProcessView back = silent.remove(id);
    ProcessView process = back == null ? new ProcessView(run) : back;
    process.heard(now);
    process.catchUpWith(active.values().stream().mapToLong(ProcessView::served).min().orElse(0));
    active.put(id, process);
    return process;
  }

  /** Sets aside whoever has been silent for too long, but the one that asks; returns them. */
  List<ProcessView> sweep(ProcessView asking, long now) {
    if (now - sweptAt <= SWEEP_INTERVAL.toNanos()) {
      return List.of();
    }
    sweptAt = now;
    List<ProcessView> swept = new ArrayList<>();
    for (var entries = active.entrySet().iterator(); entries.hasNext(); ) {
      Map.Entry<String, ProcessView> entry = entries.next();
      ProcessView process = entry.getValue();
      if (process != asking && now - process.seenAt() > retention.toNanos()) {
        entries.remove();
        silent.put(entry.getKey(), process);
        swept.add(process);
      }
    }
    return swept;
  }

  /** Forgets a process, but not what it brought; returns it, or null where there is none. */
  @Nullable ProcessView leave(String id) {
    @Nullable ProcessView process = active.remove(id);
    process = process == null ? silent.remove(id) : process;
    if (process != null) {
      departed = departed.plus(process.reading().ended().totals());
    }
    return process;
  }

  /** The active process of that name, or null where there is none. */
  @Nullable ProcessView find(String id) {
    return active.get(id);
  }

  Collection<ProcessView> active() {
    return active.values();
  }

  /** Active and silent ones. */
  List<ProcessView> everyone() {
    List<ProcessView> all = new ArrayList<>(active.values());
    all.addAll(silent.values());
    return all;
  }

  /** What those have used that have left. */
  Usage departedUsage() {
    return departed.used();
  }

  /** Totals of all that there ever were. */
  Progress progress() {
    Progress sum = departed.progress();
    for (ProcessView process : everyone()) {
      sum = sum.plus(process.progress());
    }
    return sum;
  }

  /** Tokens and cost of all that there ever were. */
  Usage usage() {
    Usage sum = departed.used();
    for (ProcessView process : everyone()) {
      sum = sum.plus(process.usage());
    }
    return sum;
  }

  /** What all that there ever were have done, and those that are there have under way. */
  ProcessReading reading() {
    ProcessReading sum = new ProcessReading(departed, 0, 0);
    for (ProcessView process : everyone()) {
      sum = sum.plus(process.reading());
    }
    return sum;
  }

  /** The same of each of the active ones, by its name. */
  Map<String, ProcessReading> readings() {
    Map<String, ProcessReading> each = new LinkedHashMap<>();
    active.forEach((name, process) -> each.put(name, process.reading()));
    return each;
  }

  /** Attempts under way, as last reported. */
  int inFlight() {
    int sum = 0;
    for (ProcessView process : active.values()) {
      sum += process.inFlight();
    }
    return sum;
  }

  /** Attempts that wait for a permit, as last reported. */
  int waiting() {
    int sum = 0;
    for (ProcessView process : active.values()) {
      sum += process.waiting();
    }
    return sum;
  }

  /** Attempts that the active ones could have under way in a pool if there were no limit. */
  long demand(SlotPool pool) {
    long sum = 0;
    for (ProcessView process : active.values()) {
      sum += process.demand(pool);
    }
    return sum;
  }
}

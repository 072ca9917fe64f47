package io.batchinfer.engine.lead;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.EngineFigures.State;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The engines of a run, as its processes tell of them. Thread-safe. */
final class RunEngines {
  /** By name and start, since a process may start one anew. */
  @GuardedBy("this")
  private final Map<String, EngineFigures> last = new TreeMap<>();

  /** The same of each process that uses it. */
  @GuardedBy("this")
  private final Map<String, Map<String, EngineFigures>> all = new TreeMap<>();

  /** How those of each process are that were heard of since workers were last started. */
  @GuardedBy("this")
  private final Map<String, Map<String, State>> present = new HashMap<>();

  @GuardedBy("this")
  private boolean anyReady;

  /** Whether one has answered a row. */
  @GuardedBy("this")
  private boolean anyServed;

  @GuardedBy("this")
  private @Nullable String failure;

  /** Workers are about to be started: what engines of earlier ones came to is no matter. */
  synchronized void begin() {
    present.clear();
    anyReady = false;
    anyServed = false;
    failure = null;
  }

  /**
   * Takes in how one is.
   *
   * @return what the user should know of it
   */
  synchronized Optional<String> hear(String process, EngineFigures told) {
    String key = told.name() + " " + told.startedAt();
    @Nullable EngineFigures before = last.put(key, told);
    all.computeIfAbsent(key, unused -> new HashMap<>()).put(process, told);
    present.computeIfAbsent(process, unused -> new HashMap<>()).put(told.name(), told.state());
    anyReady |= told.state() == State.READY;
    anyServed |= told.requests() > 0;
    if (told.state() == State.GIVEN_UP) {
      failure = "The " + told.name() + " is given up: " + told.words();
    }
    return before != null && before.state() == told.state() && before.restarts() == told.restarts()
        ? Optional.empty()
        : words(told, before != null && before.wasReady());
  }

  /**
   * @param wasReady whether it has answered before
   */
  private static Optional<String> words(EngineFigures told, boolean wasReady) {
    double seconds = told.untilReady().toMillis() / 1e3;
    return switch (told.state()) {
      case STARTING ->
          Optional.of(
              told.words().isEmpty()
                  ? "The %s is starting.".formatted(told.name())
                  : "The %s is started again: %s.".formatted(told.name(), told.words()));
      case READY ->
          Optional.of(
              wasReady
                  ? "The %s is ready again.".formatted(told.name())
                  : told.idleBefore()
                      .map(
                          idle ->
                              "The %s was kept warm for %d s and is ready."
                                  .formatted(told.name(), idle.toSeconds()))
                      .orElse("The %s is ready after %.1f s.".formatted(told.name(), seconds)));
      case GIVEN_UP -> Optional.of("The %s is given up: %s".formatted(told.name(), told.words()));
      case ENDED -> Optional.empty();
    };
  }

  /** Whether there were any. */
  synchronized boolean isKnown() {
    return !all.isEmpty();
  }

  /** Whether a process had engines and has given up all of them, so that it can do nothing. */
  synchronized boolean isWithout(String process) {
    Map<String, State> its = present.getOrDefault(process, Map.of());
    return !its.isEmpty() && its.values().stream().allMatch(state -> state == State.GIVEN_UP);
  }

  /**
   * Why none has answered a row since workers were last started; empty where one has, or none was
   * given up.
   */
  synchronized Optional<String> failure() {
    if (anyServed || failure == null) {
      return Optional.empty();
    }
    return Optional.of((anyReady ? "No engine answered a row. " : "No engine came up. ") + failure);
  }

  /**
   * All that there were, in the order of their starts; not those that ended before they began, when
   * nothing was left to send.
   */
  synchronized List<EngineFigures> figures() {
    return all.values().stream()
        .map(users -> EngineFigures.together(users.values()))
        .filter(engine -> engine.state() != State.ENDED || !engine.up().isZero())
        .sorted(Comparator.comparing(EngineFigures::startedAt))
        .toList();
  }
}

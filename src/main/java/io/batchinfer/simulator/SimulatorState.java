package io.batchinfer.simulator;

import io.batchinfer.time.Ticker;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What all requests to one simulated endpoint share. Thread-safe. */
final class SimulatorState {
  final BodyLedger bodies = new BodyLedger();
  final Counters counters = new Counters();
  final AtomicLong requestNumbers = new AtomicLong();
  final AtomicLong connectionNumbers = new AtomicLong();
  final WindowLimiter limiter;
  final SlotQueue slots;
  final Optional<RequestLog> log;
  private final Ticker ticker;
  private final Clock clock;
  private final long startNanos;
  private volatile SimulatorSettings settings;
  private volatile PromptCache promptCache;

  SimulatorState(SimulatorSettings settings, Ticker ticker, Clock clock, Optional<RequestLog> log) {
    this.settings = settings;
    this.ticker = ticker;
    this.clock = clock;
    this.log = log;
    startNanos = ticker.nanos();
    promptCache = settings.newPromptCache();
    limiter = new WindowLimiter(0);
    slots = new SlotQueue(settings.slots(), settings.queueLimit());
  }

  SimulatorSettings settings() {
    return settings;
  }

  synchronized void change(SimulatorSettings changed) {
    boolean sameCache =
        changed.promptCache() == settings.promptCache()
            && changed.promptCacheTokens() == settings.promptCacheTokens()
            && changed.slots() == settings.slots();
    settings = changed;
    if (!sameCache) {
      promptCache = changed.newPromptCache();
    }
    slots.resize(changed.slots(), changed.queueLimit());
  }

  PromptCache promptCache() {
    return promptCache;
  }

  /** Since the endpoint started; never 0. */
  long nanos() {
    return Math.max(1, ticker.nanos() - startNanos);
  }

  long millis() {
    return clock.millis();
  }

  SimulatorStatistics statistics() {
    return counters.snapshot(slots.waiting(), bodies.distinct());
  }

  synchronized void reset() {
    counters.clear();
    bodies.clear();
    limiter.clear();
    promptCache = settings.newPromptCache();
  }
}

package io.batchinfer.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/** The running counts behind {@link SimulatorStatistics}. Thread-safe. */
final class Counters {
  @GuardedBy("this")
  private long received;

  @GuardedBy("this")
  private long answered;

  @GuardedBy("this")
  private long ok;

  @GuardedBy("this")
  private long limited;

  @GuardedBy("this")
  private long faulty;

  @GuardedBy("this")
  private long abandoned;

  @GuardedBy("this")
  private int inFlight;

  @GuardedBy("this")
  private int peakInFlight;

  @GuardedBy("this")
  private long repeatsAfterSuccess;

  @GuardedBy("this")
  private long promptTokens;

  @GuardedBy("this")
  private long cachedPromptTokens;

  @GuardedBy("this")
  private long completionTokens;

  @GuardedBy("this")
  private long firstRequestNanos;

  @GuardedBy("this")
  private long lastAnswerNanos;

  synchronized void received(long sinceStartNanos) {
    received++;
    inFlight++;
    peakInFlight = Math.max(peakInFlight, inFlight);
    if (firstRequestNanos == 0) {
      firstRequestNanos = sinceStartNanos;
    }
  }

  synchronized void repeatedAfterSuccess() {
    repeatsAfterSuccess++;
  }

  synchronized void faulty() {
    faulty++;
  }

  synchronized void limited() {
    limited++;
  }

  synchronized void ok(AnswerFacts facts) {
    ok++;
    promptTokens += facts.promptTokens();
    cachedPromptTokens += facts.cachedTokens();
    completionTokens += facts.completionTokens();
  }

  synchronized void answered(long sinceStartNanos) {
    answered++;
    inFlight--;
    lastAnswerNanos = Math.max(lastAnswerNanos, sinceStartNanos);
  }

  synchronized void abandoned() {
    abandoned++;
    inFlight--;
  }

  synchronized SimulatorStatistics snapshot(int waiting, int distinctBodies) {
    return new SimulatorStatistics(
        received,
        answered,
        ok,
        limited,
        faulty,
        abandoned,
        inFlight,
        peakInFlight,
        waiting,
        distinctBodies,
        repeatsAfterSuccess,
        promptTokens,
        cachedPromptTokens,
        completionTokens,
        firstRequestNanos,
        lastAnswerNanos);
  }

  /** What is in flight stays so. */
  synchronized void clear() {
    received = 0;
    answered = 0;
    ok = 0;
    limited = 0;
    faulty = 0;
    abandoned = 0;
    peakInFlight = inFlight;
    repeatsAfterSuccess = 0;
    promptTokens = 0;
    cachedPromptTokens = 0;
    completionTokens = 0;
    firstRequestNanos = 0;
    lastAnswerNanos = 0;
  }
}

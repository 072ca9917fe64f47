package io.batchinfer.simulation;

import java.util.Comparator;
import java.util.List;

/**
 * What is wrong with an endpoint for a while.
 *
 * @param fromSecond virtual second at which it begins
 * @param toSecond virtual second at which it ends
 */
record FaultPeriod(Kind kind, double fromSecond, double toSecond) {
  enum Kind {
    /** Takes every request and never answers. */
    BLACK_HOLE,
    /** Answers 503 at once. */
    REFUSES,
    /** Answers 503 after five seconds. */
    REFUSES_SLOWLY,
    /** Answers 429. */
    THROTTLES,
    /** Has half its slots. */
    HALVED,
    /** Takes ten times as long. */
    SLOW,
    /** Refuses connections; what was under way is lost. */
    DOWN
  }

  boolean holds(double second) {
    return second >= fromSecond && second < toSecond;
  }

  static double lastEnd(List<FaultPeriod> faults) {
    return faults.stream().map(FaultPeriod::toSecond).max(Comparator.naturalOrder()).orElse(0.0);
  }
}

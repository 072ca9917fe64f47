package io.batchinfer.engine.lead;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether a provider's batch service is worth trying again that no connection can be made to: for
 * long where it has answered before, and otherwise a few times only, since it is the address that
 * is wrong. For one thread.
 */
final class RemoteReach {
  /** Between two tries of one that has never answered. */
  static final Duration PAUSE = Duration.ofSeconds(1);

  /** As many as end a run whose endpoint was never there. */
  private static final int MOST_REFUSALS = 4;

  private final Optional<Duration> waitForIt;
  private boolean answered;
  private int refusals;
  private long firstRefusal;
  private long lastRefusal;

  /**
   * @param waitForIt how long the user would wait for one that is not there yet
   */
  RemoteReach(Optional<Duration> waitForIt) {
    this.waitForIt = waitForIt;
  }

  /** It has answered, whatever that was. */
  void answered() {
    answered = true;
  }

  boolean hasAnswered() {
    return answered;
  }

  /** Takes in that there was no connection; several at the same time count once. */
  void refused(long now) {
    if (refusals == 0) {
      firstRefusal = now;
    } else if (now - lastRefusal < PAUSE.toNanos()) {
      return;
    }
    refusals++;
    lastRefusal = now;
  }

  /** Whether it is not tried any more. */
  boolean isGivenUp(long now) {
    if (answered) {
      return false;
    }
    return waitForIt.isPresent()
        ? refusals > 0 && now - firstRefusal > waitForIt.get().toNanos()
        : refusals >= MOST_REFUSALS;
  }
}

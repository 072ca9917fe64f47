package io.batchinfer.policy;

import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/** When a row is sent again. Pure except for the chance that spreads the pauses; thread-safe. */
public final class RetryRule {
  private static final Duration FIRST_INTERVAL = Duration.ofMillis(500);
  private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(30);

  /** Throttled answers in a row after which a request is given up all the same. */
  private static final int MAX_THROTTLED = 200;

  private final int maxAttempts;
  private final int maxAmbiguousResends;
  private final int maxRepairs;
  private final boolean patient;
  private final DoubleSupplier chance;
  private final IntervalFunction backOff =
      IntervalFunction.ofExponentialBackoff(FIRST_INTERVAL, 2.0, LONGEST_INTERVAL);

  /**
   * @param maxAttempts attempts that certainly did not run or failed on the server, the first
   *     included
   * @param maxAmbiguousResends repeats of attempts that may have run
   */
  public RetryRule(int maxAttempts, int maxAmbiguousResends) {
    this(maxAttempts, maxAmbiguousResends, false, RetryRule::chance, 0);
  }

  /**
   * As above.
   *
   * @param patient whether an endpoint that has never answered is waited for, whatever its
   *     connections do
   */
  public RetryRule(int maxAttempts, int maxAmbiguousResends, boolean patient) {
    this(maxAttempts, maxAmbiguousResends, patient, RetryRule::chance, 0);
  }

  /**
   * As above, with pauses that are half to one and a half times their interval.
   *
   * @param chance numbers from 0 to 1
   */
  public RetryRule(int maxAttempts, int maxAmbiguousResends, DoubleSupplier chance) {
    this(maxAttempts, maxAmbiguousResends, false, chance, 0);
  }

  private RetryRule(
      int maxAttempts,
      int maxAmbiguousResends,
      boolean patient,
      DoubleSupplier chance,
      int maxRepairs) {
    this.maxRepairs = maxRepairs;
    this.patient = patient;
    this.chance = chance;
    this.maxAttempts = maxAttempts;
    this.maxAmbiguousResends = maxAmbiguousResends;
  }

  /**
   * The same rule, by which a row whose answer does not fit its schema is asked again.
   *
   * @param repairs how often
   */
  public RetryRule withRepairs(int repairs) {
    return new RetryRule(maxAttempts, maxAmbiguousResends, patient, chance, repairs);
  }

  /**
   * Whether a row is asked again whose answer does not fit its schema.
   *
   * @param counted attempts so far that count, this one included
   * @param repairs how often it was asked again for that before
   */
  public boolean repairs(int counted, int repairs) {
    return repairs < maxRepairs && counted < maxAttempts;
  }

  private static double chance() {
    return ThreadLocalRandom.current().nextDouble();
  }

  /** What becomes of a row after the verdict on its last attempt. */
  public RowOutages.Next afterOutage(RowOutages outages) {
    return outages.next(maxAmbiguousResends, maxAttempts, patient);
  }

  /**
   * How long to wait before the next attempt, or empty to give up.
   *
   * @param counted attempts so far that count, this one included
   * @param ambiguous attempts so far that may have run, this one included
   * @param throttled attempts so far that the endpoint put off, this one included
   * @param retryAfter what the endpoint asked for
   */
  public Optional<Duration> next(
      StatusMeaning meaning,
      int counted,
      int ambiguous,
      int throttled,
      Optional<Duration> retryAfter) {
    boolean again =
        switch (meaning.retry()) {
          case NONE -> false;
          case COUNTED -> counted < maxAttempts;
          case AMBIGUOUS -> ambiguous <= maxAmbiguousResends && counted < maxAttempts;
          case WHEN_TOLD -> throttled < MAX_THROTTLED;
        };
    if (!again) {
      return Optional.empty();
    }
    int tries = Math.max(1, Math.min(20, counted + throttled));
    long spread = Math.round(backOff.apply(tries) * (0.5 + chance.getAsDouble()));
    Duration own = Duration.ofMillis(Math.min(spread, LONGEST_INTERVAL.toMillis()));
    if (meaning.isRowsOwn() && retryAfter.isPresent()) {
      // What an endpoint tells one row for ever must not hold a job open for as long.
      return retryAfter
          .filter(told -> told.compareTo(LONGEST_INTERVAL) < 0)
          .or(() -> Optional.of(LONGEST_INTERVAL));
    }
    return Optional.of(retryAfter.orElse(own));
  }
}

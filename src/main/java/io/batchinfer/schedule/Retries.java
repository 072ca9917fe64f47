package io.batchinfer.schedule;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When jobs that could not go on are tried again: at growing intervals as long as they make no
 * progress. Thread-safe.
 */
final class Retries {
  private static final Duration FIRST = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** A job that only has to end is not worth waiting so long for. */
  private static final Duration LONGEST_OF_ENDING = Duration.ofMinutes(1);

  /** Defects one after the other, without a row in between, that no further try will fix. */
  private static final int HOPELESS = 3;

  private final LongSupplier nowMillis;
  private final Map<String, Retry> retries = new ConcurrentHashMap<>();

  private record Retry(long sinceMillis, Duration pause, int defects) {}

  Retries(LongSupplier nowMillis) {
    this.nowMillis = nowMillis;
  }

  /**
   * Whether a job may be begun.
   *
   * @param ending whether it sends nothing any more
   */
  boolean isDue(String jobId, boolean ending) {
    @Nullable Retry retry = retries.get(jobId);
    if (retry == null) {
      return true;
    }
    Duration pause = retry.pause();
    if (ending && pause.compareTo(LONGEST_OF_ENDING) > 0) {
      pause = LONGEST_OF_ENDING;
    }
    return retry.sinceMillis() + pause.toMillis() <= nowMillis.getAsLong();
  }

  /** Whether the defect that has just come is the last of too many. */
  boolean isHopeless(String jobId) {
    @Nullable Retry retry = retries.get(jobId);
    return retry != null && retry.defects() >= HOPELESS - 1;
  }

  /**
   * Notes that a job could not go on.
   *
   * @param settledRows whether it got on before that
   * @param defect whether the cause is not known, rather than outside of this program
   */
  void postpone(String jobId, boolean settledRows, boolean defect) {
    @Nullable Retry before = settledRows ? null : retries.get(jobId);
    Duration pause = before == null ? FIRST : before.pause().multipliedBy(2);
    retries.put(
        jobId,
        new Retry(
            nowMillis.getAsLong(),
            pause.compareTo(LONGEST) > 0 ? LONGEST : pause,
            !defect ? 0 : before == null ? 1 : before.defects() + 1));
  }

  void forget(String jobId) {
    retries.remove(jobId);
  }
}

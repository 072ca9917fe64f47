package io.batchinfer.store;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Creation;
import io.batchinfer.model.ErrorCode;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which job the same request has created already: known by the caller's Idempotency-Key, or, where
 * an SDK repeats a create by itself, by the request's body. Thread-safe.
 */
final class EarlierCreates {
  /** How long a create that an SDK repeats by itself is known by its body. */
  static final Duration REPEATED_WITHIN = Duration.ofMinutes(15);

  private final Clock clock;

  /** Jobs whose create request was repeated before the first of its kind was through. */
  private final Map<String, BatchJob> byRepeated = new ConcurrentHashMap<>();

  EarlierCreates(Clock clock) {
    this.clock = clock;
  }

  private long since() {
    return clock.millis() - REPEATED_WITHIN.toMillis();
  }

  /** The job of a workspace that an earlier request with that Idempotency-Key created. */
  Optional<BatchJob> with(Shelf shelf, String idempotencyKey) {
    return shelf.jobs().stream()
        .filter(job -> idempotencyKey.equals(job.spec().creation().idempotencyKey()))
        .findFirst();
  }

  /** The job of a workspace that an equal request created a moment ago. */
  Optional<BatchJob> lately(Shelf shelf, String bodyHash) {
    long since = since();
    return shelf.jobs().stream()
        .filter(job -> job.spec().creation().bodyHash().equals(bodyHash))
        .filter(job -> job.spec().createdMillis() >= since)
        .max(Comparator.comparingLong(job -> job.spec().createdMillis()));
  }

  /**
   * The job that the request for this one has created already. The shelf's lock is to be held.
   *
   * @throws BatchException {@link ErrorCode#CONFLICT} where the Idempotency-Key belongs to another
   *     request
   */
  Optional<BatchJob> of(BatchJob job, Shelf shelf, Repetition repetition) {
    Creation creation = job.spec().creation();
    String key = creation.idempotencyKey();
    if (key != null) {
      Optional<BatchJob> first = with(shelf, key);
      if (first.isPresent()
          && !first.get().spec().creation().bodyHash().equals(creation.bodyHash())) {
        throw new BatchException(
            ErrorCode.CONFLICT,
            "The Idempotency-Key belongs to another request, which created job '%s'; give a new one."
                .formatted(first.get().id()));
      }
      return first;
    }
    if (repetition.repeated()) {
      return lately(shelf, creation.bodyHash());
    }
    // The repetition may have overtaken the request that it repeats.
    return Optional.ofNullable(byRepeated.get(place(job)))
        .filter(repeated -> repeated.spec().createdMillis() >= repetition.arrivedMillis())
        .filter(repeated -> shelf.job(repeated.id()) != null);
  }

  /** A repeated request has created the job. */
  void repeated(BatchJob job) {
    long since = since();
    byRepeated.values().removeIf(old -> old.spec().createdMillis() < since);
    byRepeated.put(place(job), job);
  }

  private static String place(BatchJob job) {
    return job.workspace() + "/" + job.spec().creation().bodyHash();
  }
}

package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.api.JsonWeight;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.schedule.BatchScheduler;
import io.batchinfer.store.BatchIds;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.CreateRequest;
import io.batchinfer.store.JobAdmission;
import io.batchinfer.store.Repetition;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Turns create requests into jobs, and the same request into the same job. */
final class JobCreation {
  private static final int LONGEST_KEY = 255;

  private final BatchRegistry registry;
  private final BatchScheduler scheduler;
  private final JobAdmission admission;
  private final HeapShare trees;

  JobCreation(
      BatchRegistry registry, BatchScheduler scheduler, JobAdmission admission, HeapShare trees) {
    this.trees = trees;
    this.registry = registry;
    this.scheduler = scheduler;
    this.admission = admission;
  }

  /** Reads a body; the failure of it is the caller's. */
  interface Reader {
    CreateRequest read(byte[] json);
  }

  /** Creates the job, or finds the one that this request has created already. */
  void create(Call call, byte[] body, Dialect dialect, Reader reader, Consumer<BatchJob> then) {
    @Nullable String idempotencyKey = idempotencyKey(call);
    Repetition repetition = new Repetition(isRepeated(call), registry.nowMillis());
    call.blocking(
        () -> {
          // With a key of its own, a request is the same under the caller's next API key, too.
          String hash = hash(call, body, idempotencyKey == null ? call.keyId() : "");
          Optional<BatchJob> known = known(call, hash, idempotencyKey, repetition.repeated());
          if (known.isPresent()) {
            return known.get();
          }
          JobAdmission.Origin origin =
              new JobAdmission.Origin(
                  call.workspace(), dialect, call.keyId(), hash, idempotencyKey, repetition);
          return withinShare(body, () -> admit(reader.read(body), origin));
        },
        job -> {
          scheduler.wake();
          then.accept(job);
        });
  }

  private BatchJob admit(CreateRequest request, JobAdmission.Origin origin) {
    String id = origin.dialect() == Dialect.MISTRAL ? BatchIds.next() : BatchIds.nextOpenAi();
    return admission.admit(id, request, origin);
  }

  /** Reads a body only where the tree that it becomes fits beside those of other calls. */
  private BatchJob withinShare(byte[] body, Supplier<BatchJob> work) {
    long weight = JsonWeight.of(body);
    if (!trees.fits(weight)) {
      throw ApiError.tooLarge(
          null, "The request body holds too many values. Upload the requests as a file.");
    }
    if (!trees.take(weight)) {
      throw HeapShare.overloaded();
    }
    try {
      return work.get();
    } finally {
      trees.give(weight);
    }
  }

  private Optional<BatchJob> known(
      Call call, String hash, @Nullable String idempotencyKey, boolean repeated) {
    if (idempotencyKey != null) {
      return registry
          .createdWith(call.workspace(), idempotencyKey)
          .filter(job -> job.spec().creation().bodyHash().equals(hash));
    }
    return repeated ? registry.createdLately(call.workspace(), hash) : Optional.empty();
  }

  private static @Nullable String idempotencyKey(Call call) {
    @Nullable String key = call.request().getHeader("idempotency-key");
    if (key != null && (key.isEmpty() || key.length() > LONGEST_KEY)) {
      throw ApiError.invalid(
          null,
          "invalid_header",
          "The Idempotency-Key has %d characters; 1 to %d are taken."
              .formatted(key.length(), LONGEST_KEY));
    }
    return key;
  }

  /** Whether the SDK says that it sends the request again by itself. */
  private static boolean isRepeated(Call call) {
    @Nullable String count = call.request().getHeader("x-stainless-retry-count");
    return count != null && count.matches("[1-9]\\d{0,8}");
  }

  private static String hash(Call call, byte[] body, String caller) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(call.route().pattern().getBytes(StandardCharsets.UTF_8));
      digest.update(caller.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(body), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}

package io.batchinfer.service;

import io.batchinfer.job.BatchRegistry;
import io.batchinfer.job.BatchScheduler;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchFile.Role;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.wire.ApiError;
import io.batchinfer.wire.CreateRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Makes jobs of create requests, and the same job of the same request. */
final class JobCreation {
  private static final int LONGEST_KEY = 255;

  private final BatchRegistry registry;
  private final BatchScheduler scheduler;
  private final Predicate<String> deployments;
  private final long maxPending;

  JobCreation(
      BatchRegistry registry,
      BatchScheduler scheduler,
      Predicate<String> deployments,
      long maxPending) {
    this.registry = registry;
    this.scheduler = scheduler;
    this.deployments = deployments;
    this.maxPending = maxPending;
  }

  /** Reads a body; the failure of it is the caller's. */
  interface Reader {
    CreateRequest read(byte[] json);
  }

  /** Creates the job, or finds the one that this request has created already. */
  void create(Call call, byte[] body, Dialect dialect, Reader reader, Consumer<BatchJob> then) {
    @Nullable String idempotencyKey = idempotencyKey(call);
    boolean repeated = isRepeated(call);
    call.blocking(
        () -> {
          String hash = hash(call, body);
          Optional<BatchJob> known = known(call, hash, idempotencyKey, repeated);
          if (known.isPresent()) {
            return known.get();
          }
          return store(call, reader.read(body), dialect, hash, idempotencyKey, repeated);
        },
        job -> {
          scheduler.wake();
          then.accept(job);
        });
  }

  private Optional<BatchJob> known(
      Call call, String hash, @Nullable String idempotencyKey, boolean repeated) {
    if (idempotencyKey != null) {
      return registry
          .createdWith(call.workspace(), idempotencyKey)
          .filter(job -> job.spec().bodyHash().equals(hash));
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

  private static String hash(Call call, byte[] body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(call.route().pattern().getBytes(StandardCharsets.UTF_8));
      digest.update(call.keyId().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(body), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private BatchJob store(
      Call call,
      CreateRequest request,
      Dialect dialect,
      String hash,
      @Nullable String idempotencyKey,
      boolean repeated)
      throws IOException {
    if (request.deployment() != null && !deployments.test(request.deployment())) {
      throw ApiError.invalid(
          "deployment",
          "invalid_value",
          "There is no deployment \"%s\".".formatted(request.deployment()));
    }
    long requests = 0;
    for (String id : request.inputFiles()) {
      Optional<BatchFile> file = registry.file(call.workspace(), id);
      if (file.isEmpty() && dialect == Dialect.MISTRAL) {
        throw new ApiError(
            404,
            "invalid_request_error",
            "input_files",
            "file_not_found",
            "No such file: '%s'.".formatted(Texts.shown(id)));
      }
      requests += file.map(BatchFile::lines).orElse(0L);
    }
    byte @Nullable [] lines = request.requests();
    String workspace = call.workspace();
    long now = registry.nowMillis();
    String jobId =
        dialect == Dialect.MISTRAL
            ? UUID.randomUUID().toString()
            : "batch_" + UUID.randomUUID().toString().replace("-", "");
    @Nullable BatchFile own = lines == null ? null : storeLines(workspace, jobId, lines, request);
    BatchJob job =
        new BatchJob(
            jobId,
            workspace,
            new BatchJob.Spec(
                dialect,
                request.endpoint(),
                own == null ? request.inputFiles() : List.of(own.id()),
                own != null,
                request.model(),
                request.agentId(),
                request.deployment(),
                request.metadata(),
                request.timeoutHours(),
                request.outputExpiresSeconds(),
                now,
                call.keyId(),
                own == null ? requests : own.lines(),
                hash,
                idempotencyKey),
            BatchJob.State.queued(own == null ? requests : own.lines()));
    boolean kept = false;
    try {
      BatchJob created = registry.create(job, repeated, maxPending);
      kept = created.id().equals(jobId);
      return created;
    } finally {
      if (own != null && !kept) {
        registry.delete(own);
      }
    }
  }

  /** Requests that come with the job become a file of the workspace like any other. */
  private BatchFile storeLines(String workspace, String jobId, byte[] lines, CreateRequest request)
      throws IOException {
    String id = UUID.randomUUID().toString();
    LineScan scan = new LineScan();
    scan.add(lines);
    registry.store().files().replace(registry.store().content(workspace, id), lines);
    BatchFile file =
        new BatchFile(
            id,
            workspace,
            jobId + "_input.jsonl",
            "batch",
            Role.REQUESTS,
            lines.length,
            request.requestCount(),
            registry.nowMillis(),
            null,
            scan.signature(),
            null,
            null);
    registry.add(file);
    return file;
  }
}

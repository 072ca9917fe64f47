package io.batchinfer.job;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchFile.Role;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.wire.ApiError;
import io.batchinfer.wire.CreateRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Makes jobs of requests that are well-formed, within the limits of a workspace. Thread-safe. */
public final class JobAdmission {
  private final BatchRegistry registry;
  private final Predicate<String> deployments;
  private final long maxPending;

  /**
   * @param deployments whether a deployment of that name is configured
   * @param maxPending most requests of a workspace that may be pending
   */
  public JobAdmission(BatchRegistry registry, Predicate<String> deployments, long maxPending) {
    this.registry = registry;
    this.deployments = deployments;
    this.maxPending = maxPending;
  }

  /**
   * Where a request comes from.
   *
   * @param createdBy id of the key that was used
   * @param bodyHash hash of the request
   * @param idempotencyKey as the caller gave it, or null
   * @param repeated whether the caller's SDK says that it sends the request again
   */
  public record Origin(
      String workspace,
      Dialect dialect,
      String createdBy,
      String bodyHash,
      @Nullable String idempotencyKey,
      boolean repeated) {}

  /**
   * Creates the job, or finds the one of that id or of the same request.
   *
   * @throws ApiError where the request names what is not there
   * @throws BatchException where the workspace's limits forbid it
   */
  public BatchJob admit(String jobId, CreateRequest request, Origin origin) {
    String workspace = origin.workspace();
    Optional<BatchJob> known = registry.job(workspace, jobId);
    if (known.isPresent()) {
      return known.get();
    }
    if (request.deployment() != null && !deployments.test(request.deployment())) {
      throw ApiError.invalid(
          "deployment",
          "invalid_value",
          "There is no deployment \"%s\".".formatted(request.deployment()));
    }
    long requests = 0;
    for (String id : request.inputFiles()) {
      Optional<BatchFile> file = registry.file(workspace, id);
      if (file.isEmpty() && origin.dialect() == Dialect.MISTRAL) {
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
    @Nullable BatchFile own = lines == null ? null : storeLines(workspace, jobId, lines, request);
    BatchJob job =
        new BatchJob(
            jobId,
            workspace,
            new BatchJob.Spec(
                origin.dialect(),
                request.endpoint(),
                own == null ? request.inputFiles() : List.of(own.id()),
                own != null,
                request.model(),
                request.agentId(),
                request.deployment(),
                request.metadata(),
                request.timeoutHours(),
                request.outputExpiresSeconds(),
                registry.nowMillis(),
                origin.createdBy(),
                own == null ? requests : own.lines(),
                origin.bodyHash(),
                origin.idempotencyKey()),
            BatchJob.State.queued(own == null ? requests : own.lines()));
    boolean kept = false;
    try {
      BatchJob created = registry.create(job, origin.repeated(), maxPending);
      kept = created.id().equals(jobId);
      return created;
    } finally {
      if (own != null && !kept) {
        registry.delete(own);
      }
    }
  }

  /** Requests that come with the job become a file of the workspace like any other. */
  private BatchFile storeLines(
      String workspace, String jobId, byte[] lines, CreateRequest request) {
    String id = BatchIds.next();
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

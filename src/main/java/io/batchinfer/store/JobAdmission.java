package io.batchinfer.store;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Creation;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchJob.Input;
import io.batchinfer.model.BatchJob.Lifetime;
import io.batchinfer.model.BatchJob.Target;
import io.batchinfer.storage.StorageException;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Makes jobs from requests that are well-formed, within the limits of a workspace. Thread-safe. */
public final class JobAdmission {
  private final BatchRegistry registry;
  private final BiPredicate<String, String> deployments;
  private final long maxPending;

  /**
   * @param deployments whether a workspace may use the deployment of a name
   * @param maxPending most requests of a workspace that may be pending
   */
  public JobAdmission(
      BatchRegistry registry, BiPredicate<String, String> deployments, long maxPending) {
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
   */
  public record Origin(
      String workspace,
      Dialect dialect,
      String createdBy,
      String bodyHash,
      @Nullable String idempotencyKey,
      Repetition repetition) {}

  /**
   * Creates the job, or finds the one of that id or of the same request.
   *
   * @throws RefusedRequest where the request names what is not there
   * @throws BatchException where the workspace's limits forbid it
   */
  public BatchJob admit(String jobId, CreateRequest request, Origin origin) {
    String workspace = origin.workspace();
    Optional<BatchJob> known = registry.job(workspace, jobId);
    if (known.isPresent()) {
      return known.get();
    }
    if (request.deployment() != null && !deployments.test(workspace, request.deployment())) {
      throw RefusedRequest.invalid(
          "deployment",
          "invalid_value",
          "There is no deployment \"%s\".".formatted(request.deployment()));
    }
    long requests = 0;
    for (String id : request.inputFiles()) {
      Optional<BatchFile> file = registry.file(workspace, id);
      if (file.isEmpty() && origin.dialect() == Dialect.MISTRAL) {
        throw RefusedRequest.missing(
            "input_files", "file_not_found", "No such file: '%s'.".formatted(Texts.shown(id)));
      }
      requests += file.map(BatchFile::lines).orElse(0L);
    }
    byte @Nullable [] lines = request.requests();
    if (lines == null) {
      BatchJob job = job(jobId, request, origin, request.inputFiles(), requests);
      return registry.create(job, Optional.empty(), origin.repetition(), maxPending);
    }
    return createInline(jobId, request, origin, lines);
  }

  private BatchJob createInline(String jobId, CreateRequest request, Origin origin, byte[] lines) {
    BatchStore store = registry.store();
    long requests = request.requestCount();
    registry.refuseTooMany(origin.workspace(), requests, maxPending);
    BatchFile input =
        InlineInput.store(store, origin.workspace(), jobId, lines, requests, registry.nowMillis());
    BatchJob job = job(jobId, request, origin, List.of(input.id()), requests);
    BatchJob created;
    try {
      created = registry.create(job, Optional.of(input), origin.repetition(), maxPending);
    } catch (BatchException e) {
      discard(input);
      throw e;
    }
    if (!created.id().equals(jobId)) {
      discard(input);
    }
    return created;
  }

  private void discard(BatchFile input) {
    try {
      registry.store().deleteFile(input.workspace(), input.id());
    } catch (StorageException e) {
      // Bytes without a record are not a file; housekeeping tries again to remove them.
      registry.tell(
          "The requests of a job that was not created could not be removed and stay for the housekeeping: "
              + e.getMessage());
    }
  }

  private BatchJob job(
      String jobId, CreateRequest request, Origin origin, List<String> inputFiles, long requests) {
    return new BatchJob(
        jobId,
        origin.workspace(),
        new BatchJob.Spec(
            new Creation(
                origin.dialect(),
                registry.nowMillis(),
                origin.createdBy(),
                origin.bodyHash(),
                origin.idempotencyKey()),
            new Target(
                request.endpoint(), request.model(), request.agentId(), request.deployment()),
            new Input(inputFiles, request.requests() != null, requests),
            request.metadata(),
            new Lifetime(request.timeoutHours(), request.outputExpiresSeconds())),
        BatchJob.State.queued(requests));
  }
}

package io.batchinfer.store;

import io.batchinfer.job.JobFolder;
import io.batchinfer.metrics.Metric;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.StorageException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * All files and jobs of a store in memory, kept equal to what is stored: a change is written before
 * it can be seen. Only progress is kept in memory alone. Nothing is written unless this process
 * owns the store. Thread-safe.
 */
public final class BatchRegistry {
  private final BatchStore store;
  private final Clock clock;
  private final ServiceMetrics metrics;
  private final BooleanSupplier owned;
  private final Consumer<String> log;
  private final Spending spending;
  private final EarlierCreates earlierCreates;
  private final Map<String, Shelf> shelves = new ConcurrentHashMap<>();

  /**
   * @param metrics counts jobs that end and what their runs settle
   * @param owned whether this process may change the store
   * @param log what the operator should know
   */
  public BatchRegistry(
      BatchStore store,
      Clock clock,
      ServiceMetrics metrics,
      BooleanSupplier owned,
      Consumer<String> log) {
    this.store = store;
    this.clock = clock;
    this.metrics = metrics;
    this.owned = owned;
    this.log = log;
    this.spending = new Spending(store);
    this.earlierCreates = new EarlierCreates(clock);
  }

  public BatchStore store() {
    return store;
  }

  public ServiceMetrics metrics() {
    return metrics;
  }

  /** Says something that the operator should know. */
  void tell(String line) {
    log.accept(line);
  }

  public long nowMillis() {
    return clock.millis();
  }

  /** Reads everything that is stored. A damaged record is said and left out. */
  public void load() throws InterruptedException {
    load(store.workspaceNames());
  }

  /** Reads what those workspaces have stored. A damaged record is said and left out. */
  public void load(List<String> workspaces) throws InterruptedException {
    new ShelfLoader(store, this::shelf, owned, log).load(workspaces);
  }

  private Shelf shelf(String workspace) {
    return shelves.computeIfAbsent(workspace, unused -> new Shelf());
  }

  /** Takes in what somebody else has stored. */
  public void refresh(String workspace, String id) {
    store.readFile(workspace, id).ifPresent(shelf(workspace)::put);
    if (job(workspace, id).isEmpty()) {
      store.readJob(workspace, id).ifPresent(shelf(workspace)::put);
    }
  }

  /** Another process may be at work on the store by now, and must not find our traces. */
  private void requireOwned() {
    if (!owned.getAsBoolean()) {
      throw new BatchException(
          ErrorCode.OWNED_BY_ANOTHER_RUN,
          "This service does not own its store at the moment; nothing was changed.");
    }
  }

  /** A file whose bytes are complete. */
  public void add(BatchFile file) {
    requireOwned();
    store.write(file);
    shelf(file.workspace()).put(file);
  }

  /** Empty also for another workspace's file and for an expired one. */
  public Optional<BatchFile> file(String workspace, String id) {
    return anyFile(workspace, id).filter(file -> !file.hasExpired(clock.millis()));
  }

  /** The workspace's files in no order. */
  public List<BatchFile> files(String workspace) {
    long now = clock.millis();
    return shelf(workspace).files().stream().filter(file -> !file.hasExpired(now)).toList();
  }

  /** Deletes a file; a job that still needs it must be over. */
  public void delete(BatchFile file) {
    Shelf shelf = shelf(file.workspace());
    synchronized (shelf) {
      requireOwned();
      refuseWhileNeeded(shelf, file);
      store.deleteFileRecord(file.workspace(), file.id());
      shelf.remove(file);
    }
    // Its bytes may be many files; nobody has to wait for them.
    if (file.jobId() != null) {
      JobFolder run = store.run(file.workspace(), file.jobId());
      store.files().delete(file.role() == BatchFile.Role.RESULTS ? run.results() : run.errors());
    }
    store.deleteFile(file.workspace(), file.id());
  }

  private static void refuseWhileNeeded(Shelf shelf, BatchFile file) {
    shelf
        .needing(file)
        .ifPresent(
            job -> {
              throw new BatchException(
                  ErrorCode.CONFLICT,
                  "File '%s' is the input of job '%s', which is not over yet; cancel the job or wait for it."
                      .formatted(file.id(), job.id()));
            });
  }

  /** Files whose time is over and that no unfinished job needs. */
  List<BatchFile> expiredFiles() {
    long now = clock.millis();
    List<BatchFile> expired = new ArrayList<>();
    for (Shelf shelf : shelves.values()) {
      Set<String> needed = shelf.needed();
      for (BatchFile file : shelf.files()) {
        if (file.hasExpired(now) && !needed.contains(file.id())) {
          expired.add(file);
        }
      }
    }
    return expired;
  }

  /** Uploads of a workspace, expired ones included, that no unfinished job needs. */
  List<BatchFile> idleUploads(String workspace) {
    Shelf shelf = shelf(workspace);
    Set<String> needed = shelf.needed();
    return shelf.files().stream()
        .filter(file -> file.jobId() == null && !needed.contains(file.id()))
        .toList();
  }

  /** A file, an expired one included. */
  public Optional<BatchFile> anyFile(String workspace, String id) {
    return Optional.ofNullable(shelf(workspace).file(id));
  }

  public Optional<BatchJob> job(String workspace, String id) {
    return Optional.ofNullable(shelf(workspace).job(id));
  }

  /** The workspace's jobs, newest first. */
  public List<BatchJob> jobs(String workspace) {
    return shelf(workspace).jobsNewestFirst();
  }

  /** The jobs of all workspaces that are not over. */
  public List<BatchJob> unfinished() {
    return shelves.values().stream().flatMap(shelf -> shelf.unfinished().stream()).toList();
  }

  /** Workspaces that hold anything. */
  public Collection<String> workspaces() {
    return List.copyOf(shelves.keySet());
  }

  /**
   * What the workspace's jobs have cost, deleted ones included and unfinished ones as far as their
   * runs have written it down.
   */
  public double spent(String workspace) {
    return spending.of(workspace, shelf(workspace));
  }

  /** The job that an earlier request with that Idempotency-Key created. */
  public Optional<BatchJob> createdWith(String workspace, String idempotencyKey) {
    return earlierCreates.with(shelf(workspace), idempotencyKey);
  }

  /** The job that an equal request created a moment ago. */
  public Optional<BatchJob> createdLately(String workspace, String bodyHash) {
    return earlierCreates.lately(shelf(workspace), bodyHash);
  }

  /**
   * Refuses requests that would be too many.
   *
   * @param most requests of a workspace that may be pending
   * @throws BatchException {@link ErrorCode#PENDING_LIMIT}
   */
  void refuseTooMany(String workspace, long requests, long most) {
    long pending = shelf(workspace).pending();
    if (pending + requests > most) {
      throw new BatchException(
          ErrorCode.PENDING_LIMIT,
          "The workspace has %,d pending requests; %,d more would exceed its limit of %,d. Wait until enough of them are done, or give a smaller job."
              .formatted(pending, requests, most));
    }
  }

  /**
   * Stores a new job, or finds the one that the same request has created already.
   *
   * @param inlineInput requests that came with the job; their bytes are stored, their record is not
   * @param maxPending most requests of a workspace that may be pending
   * @throws BatchException {@link ErrorCode#PENDING_LIMIT} where they would be too many, {@link
   *     ErrorCode#CONFLICT} where the Idempotency-Key belongs to another request, {@link
   *     ErrorCode#NOT_FOUND} where an input file was deleted a moment ago
   */
  public BatchJob create(
      BatchJob job, Optional<BatchFile> inlineInput, Repetition repetition, long maxPending) {
    Shelf shelf = shelf(job.workspace());
    synchronized (shelf) {
      requireOwned();
      Optional<BatchJob> first = earlierCreates.of(job, shelf, repetition);
      if (first.isPresent()) {
        return first.get();
      }
      refuseTooMany(job.workspace(), job.spec().input().requests(), maxPending);
      if (inlineInput.isEmpty()) {
        refuseLostInput(shelf, job);
      }
      writeNew(job);
      shelf.put(job);
      // Its record comes last: without it, the next start makes it from the job.
      inlineInput.ifPresent(shelf::put);
      inlineInput.ifPresent(store::write);
      if (repetition.repeated()) {
        earlierCreates.repeated(job);
      }
      return job;
    }
  }

  /** A write that failed may have taken effect; callers are told what is stored. */
  private void writeNew(BatchJob job) {
    try {
      store.write(job);
    } catch (StorageException e) {
      boolean stored;
      try {
        stored = store.readJob(job.workspace(), job.id()).isPresent();
      } catch (StorageException unknown) {
        e.addSuppressed(unknown);
        throw e;
      }
      if (!stored) {
        throw e;
      }
    }
  }

  /** The caller has looked for the files, but they may have been deleted since. */
  private static void refuseLostInput(Shelf shelf, BatchJob job) {
    if (job.spec().creation().dialect() == BatchJob.Dialect.OPENAI) {
      // Whether its file is there is part of the job's own validation.
      return;
    }
    for (String id : job.spec().inputFiles()) {
      if (shelf.file(id) == null) {
        throw new BatchException(ErrorCode.NOT_FOUND, "No such file: '%s'.".formatted(id));
      }
    }
  }

  /** Changes a job and stores it. Empty where it was deleted meanwhile. */
  public Optional<BatchJob> change(
      String workspace, String id, UnaryOperator<BatchJob.State> change) {
    return update(workspace, id, change, true);
  }

  /** Changes what is known of a running job, in memory alone. */
  public void progress(BatchJob job, UnaryOperator<BatchJob.State> change) {
    update(job.workspace(), job.id(), change, false);
  }

  private Optional<BatchJob> update(
      String workspace, String id, UnaryOperator<BatchJob.State> change, boolean stored) {
    Shelf shelf = shelf(workspace);
    synchronized (shelf) {
      BatchJob job = shelf.job(id);
      if (job == null) {
        return Optional.empty();
      }
      BatchJob changed = job.with(change.apply(job.state()));
      if (stored && !changed.equals(job)) {
        requireOwned();
        store.write(changed);
      }
      if (stored && changed.state().status().isTerminal()) {
        countEnd(job, changed.state().status());
      }
      shelf.put(changed);
      return Optional.of(changed);
    }
  }

  private void countEnd(BatchJob before, BatchStatus end) {
    if (!before.state().status().isTerminal()) {
      metrics.add(Metric.JOBS_ENDED, 1, before.workspace(), end.name());
    }
  }

  /** Asks for the end of a job. A job that is over stays as it is. */
  public Optional<BatchJob> cancel(String workspace, String id) {
    return change(
        workspace,
        id,
        state ->
            state.status().isTerminal() ? state : state.change().cancelling(nowMillis()).made());
  }

  /**
   * Deletes a job that is over, with everything it made. What it cost stays spent.
   *
   * @throws BatchException {@link ErrorCode#CONFLICT} where it is not over
   */
  public void delete(BatchJob job) {
    String workspace = job.workspace();
    Shelf shelf = shelf(workspace);
    List<BatchFile> made;
    synchronized (shelf) {
      requireOwned();
      BatchJob now = job(workspace, job.id()).orElse(job);
      BatchStatus status = now.state().status();
      if (!status.isTerminal()) {
        throw new BatchException(
            ErrorCode.CONFLICT,
            "Job '%s' is %s; cancel it first and delete it once it is over."
                .formatted(job.id(), status));
      }
      spending.keep(now, shelf);
      store.deleteJobRecord(workspace, job.id());
      made = shelf.remove(now);
    }
    // The rest may be many files; nobody has to wait for them.
    deleteMade(workspace, job.id(), made);
  }

  /** Ends the deletion of a job that broke off. */
  void deleteRemains(String workspace, String jobId) {
    requireOwned();
    Shelf shelf = shelf(workspace);
    List<BatchFile> made;
    synchronized (shelf) {
      made = shelf.madeBy(jobId);
      made.forEach(shelf::remove);
    }
    deleteMade(workspace, jobId, made);
  }

  private void deleteMade(String workspace, String jobId, List<BatchFile> made) {
    made.forEach(file -> store.deleteFile(workspace, file.id()));
    store.deleteJob(workspace, jobId);
  }
}

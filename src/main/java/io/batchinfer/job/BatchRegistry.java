package io.batchinfer.job;

import io.batchinfer.metrics.Metric;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.ErrorCode;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * All files and jobs of a store in memory, kept equal to what is stored: what changes is written
 * first and seen afterwards. Only progress is in memory alone. Thread-safe.
 */
public final class BatchRegistry {
  /** How long a create that an SDK repeats by itself is known by its body. */
  static final Duration REPEATED_WITHIN = Duration.ofMinutes(15);

  private static final int LOADERS = 32;

  private final BatchStore store;
  private final Clock clock;
  private final ServiceMetrics metrics;
  private final Map<String, Shelf> shelves = new ConcurrentHashMap<>();

  /**
   * @param metrics counts jobs that end and what their runs settle
   */
  public BatchRegistry(BatchStore store, Clock clock, ServiceMetrics metrics) {
    this.store = store;
    this.clock = clock;
    this.metrics = metrics;
  }

  /** What one workspace has. */
  private static final class Shelf {
    private final Map<String, BatchFile> files = new ConcurrentHashMap<>();
    private final Map<String, BatchJob> jobs = new ConcurrentHashMap<>();
    private final Map<String, Double> stored = new ConcurrentHashMap<>();
    private final Map<Place, String> order = new ConcurrentSkipListMap<>(Place.NEWEST_FIRST);

    void put(BatchJob job) {
      spent(job);
      jobs.put(job.id(), job);
      order.put(Place.of(job), job.id());
    }

    private void spent(BatchJob job) {
      Double cost = job.state().cost();
      stored.put(job.id(), cost == null ? 0 : cost);
    }

    void remove(BatchJob job) {
      order.remove(Place.of(job));
      jobs.remove(job.id());
    }
  }

  private record Place(long createdMillis, String id) {
    static final Comparator<Place> NEWEST_FIRST =
        Comparator.comparingLong(Place::createdMillis).reversed().thenComparing(Place::id);

    static Place of(BatchJob job) {
      return new Place(job.spec().createdMillis(), job.id());
    }
  }

  public BatchStore store() {
    return store;
  }

  ServiceMetrics metrics() {
    return metrics;
  }

  public long nowMillis() {
    return clock.millis();
  }

  /** Reads everything that is stored. */
  public void load() throws InterruptedException {
    load(store.workspaceNames());
  }

  /** Reads what those workspaces have stored. */
  public void load(List<String> workspaces) throws InterruptedException {
    ExecutorService loaders = Executors.newFixedThreadPool(LOADERS);
    try {
      List<Callable<Void>> reads = new ArrayList<>();
      for (String workspace : workspaces) {
        for (String id : store.fileIds(workspace)) {
          reads.add(() -> loadFile(workspace, id));
        }
        for (String id : store.jobIds(workspace)) {
          reads.add(() -> loadJob(workspace, id));
        }
      }
      for (Future<Void> read : loaders.invokeAll(reads)) {
        read.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } finally {
      loaders.shutdownNow();
    }
  }

  private Void loadFile(String workspace, String id) {
    store.readFile(workspace, id).ifPresent(file -> shelf(workspace).files.put(id, file));
    return null;
  }

  private Void loadJob(String workspace, String id) {
    store.readJob(workspace, id).ifPresent(job -> shelf(workspace).put(job));
    return null;
  }

  private Shelf shelf(String workspace) {
    return shelves.computeIfAbsent(workspace, unused -> new Shelf());
  }

  /** Takes in what somebody else has stored. */
  void refresh(String workspace, String id) {
    loadFile(workspace, id);
    if (job(workspace, id).isEmpty()) {
      loadJob(workspace, id);
    }
  }

  /** A file whose bytes are complete. */
  public void add(BatchFile file) {
    store.write(file);
    shelf(file.workspace()).files.put(file.id(), file);
  }

  /** Empty also for another workspace's file and for an expired one. */
  public Optional<BatchFile> file(String workspace, String id) {
    return Optional.ofNullable(shelf(workspace).files.get(id))
        .filter(file -> !file.hasExpired(clock.millis()));
  }

  /** The workspace's files in no order. */
  public List<BatchFile> files(String workspace) {
    long now = clock.millis();
    return shelf(workspace).files.values().stream().filter(file -> !file.hasExpired(now)).toList();
  }

  /** Deletes a file; a job that still needs it must be over. */
  public void delete(BatchFile file) {
    Shelf shelf = shelf(file.workspace());
    synchronized (shelf) {
      refuseWhileNeeded(shelf, file);
      store.deleteFile(file.workspace(), file.id());
      if (file.jobId() != null) {
        JobFolder run = store.run(file.workspace(), file.jobId());
        store.files().delete(file.role() == BatchFile.Role.RESULTS ? run.results() : run.errors());
      }
      shelf.files.remove(file.id());
    }
  }

  private static void refuseWhileNeeded(Shelf shelf, BatchFile file) {
    for (BatchJob job : shelf.jobs.values()) {
      if (!job.state().status().isTerminal() && job.spec().inputFiles().contains(file.id())) {
        throw new BatchException(
            ErrorCode.CONFLICT,
            "File '%s' is the input of job '%s', which is not over yet; cancel the job or wait for it."
                .formatted(file.id(), job.id()));
      }
    }
  }

  /** Files whose time is over and that no unfinished job needs. */
  List<BatchFile> expiredFiles() {
    long now = clock.millis();
    List<BatchFile> expired = new ArrayList<>();
    for (Shelf shelf : shelves.values()) {
      Set<String> needed = needed(shelf);
      for (BatchFile file : shelf.files.values()) {
        if (file.hasExpired(now) && !needed.contains(file.id())) {
          expired.add(file);
        }
      }
    }
    return expired;
  }

  private static Set<String> needed(Shelf shelf) {
    return shelf.jobs.values().stream()
        .filter(job -> !job.state().status().isTerminal())
        .flatMap(job -> job.spec().inputFiles().stream())
        .collect(Collectors.toSet());
  }

  /** Uploads of a workspace, expired ones included, that no unfinished job needs. */
  List<BatchFile> idleUploads(String workspace) {
    Shelf shelf = shelf(workspace);
    Set<String> needed = needed(shelf);
    return shelf.files.values().stream()
        .filter(file -> file.jobId() == null && !needed.contains(file.id()))
        .toList();
  }

  /** A file, an expired one included. */
  Optional<BatchFile> anyFile(String workspace, String id) {
    return Optional.ofNullable(shelf(workspace).files.get(id));
  }

  public Optional<BatchJob> job(String workspace, String id) {
    return Optional.ofNullable(shelf(workspace).jobs.get(id));
  }

  /** The workspace's jobs, newest first. */
  public List<BatchJob> jobs(String workspace) {
    Shelf shelf = shelf(workspace);
    List<BatchJob> jobs = new ArrayList<>(shelf.jobs.size());
    for (String id : shelf.order.values()) {
      BatchJob job = shelf.jobs.get(id);
      if (job != null) {
        jobs.add(job);
      }
    }
    return jobs;
  }

  /** The jobs of all workspaces that are not over. */
  public List<BatchJob> unfinished() {
    return shelves.values().stream()
        .flatMap(shelf -> shelf.jobs.values().stream())
        .filter(job -> !job.state().status().isTerminal())
        .toList();
  }

  /** Notes what an earlier run of a job has cost, before it goes on. */
  void spent(BatchJob job, double cost) {
    shelf(job.workspace()).stored.put(job.id(), cost);
  }

  /**
   * What the workspace's jobs have cost, as far as it is stored: running ones up to their start.
   */
  public double spentBefore(String workspace) {
    return shelf(workspace).stored.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Workspaces that hold anything. */
  public Collection<String> workspaces() {
    return List.copyOf(shelves.keySet());
  }

  /** The job that an earlier request with that Idempotency-Key created. */
  public Optional<BatchJob> createdWith(String workspace, String idempotencyKey) {
    return shelf(workspace).jobs.values().stream()
        .filter(job -> idempotencyKey.equals(job.spec().idempotencyKey()))
        .findFirst();
  }

  /** The job that an equal request created a moment ago. */
  public Optional<BatchJob> createdLately(String workspace, String bodyHash) {
    long since = clock.millis() - REPEATED_WITHIN.toMillis();
    return shelf(workspace).jobs.values().stream()
        .filter(job -> job.spec().bodyHash().equals(bodyHash))
        .filter(job -> job.spec().createdMillis() >= since)
        .max(Comparator.comparingLong(job -> job.spec().createdMillis()));
  }

  /**
   * Stores a new job, or finds the one that the same request has created already.
   *
   * @param repeated whether the caller's SDK says that it sends the request again
   * @param maxPending most requests of a workspace that may be pending
   * @throws BatchException {@link ErrorCode#PENDING_LIMIT} where they would be too many, {@link
   *     ErrorCode#CONFLICT} where the Idempotency-Key belongs to another request
   */
  public BatchJob create(BatchJob job, boolean repeated, long maxPending) {
    Shelf shelf = shelf(job.workspace());
    synchronized (shelf) {
      Optional<BatchJob> first = Optional.empty();
      if (job.spec().idempotencyKey() != null) {
        first = createdWith(job.workspace(), job.spec().idempotencyKey());
        if (first.isPresent() && !first.get().spec().bodyHash().equals(job.spec().bodyHash())) {
          throw new BatchException(
              ErrorCode.CONFLICT,
              "The Idempotency-Key belongs to another request, which created job '%s'; give a new one."
                  .formatted(first.get().id()));
        }
      } else if (repeated) {
        first = createdLately(job.workspace(), job.spec().bodyHash());
      }
      if (first.isPresent()) {
        return first.get();
      }
      long pending = shelf.jobs.values().stream().mapToLong(BatchJob::pending).sum();
      if (pending + job.spec().requests() > maxPending) {
        throw new BatchException(
            ErrorCode.PENDING_LIMIT,
            "The workspace has %,d pending requests; %,d more would exceed its limit of %,d. Wait until enough of them are done, or give a smaller job."
                .formatted(pending, job.spec().requests(), maxPending));
      }
      store.write(job);
      shelf.put(job);
      return job;
    }
  }

  /** Changes a job and stores it. Empty where it was deleted meanwhile. */
  public Optional<BatchJob> change(
      String workspace, String id, UnaryOperator<BatchJob.State> change) {
    return update(workspace, id, change, true);
  }

  /** Changes what is known of a running job, in memory alone. */
  void progress(BatchJob job, UnaryOperator<BatchJob.State> change) {
    update(job.workspace(), job.id(), change, false);
  }

  private Optional<BatchJob> update(
      String workspace, String id, UnaryOperator<BatchJob.State> change, boolean stored) {
    Shelf shelf = shelf(workspace);
    synchronized (shelf) {
      BatchJob job = shelf.jobs.get(id);
      if (job == null) {
        return Optional.empty();
      }
      BatchJob changed = job.with(change.apply(job.state()));
      if (stored && !changed.equals(job)) {
        store.write(changed);
      }
      if (stored && changed.state().status().isTerminal()) {
        shelf.spent(changed);
        countEnd(job, changed.state().status());
      }
      shelf.jobs.put(id, changed);
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
   * Deletes a job that is over, with everything it made.
   *
   * @throws BatchException {@link ErrorCode#CONFLICT} where it is not over
   */
  public void delete(BatchJob job) {
    Shelf shelf = shelf(job.workspace());
    synchronized (shelf) {
      BatchStatus status = job(job.workspace(), job.id()).orElse(job).state().status();
      if (!status.isTerminal()) {
        throw new BatchException(
            ErrorCode.CONFLICT,
            "Job '%s' is %s; cancel it first and delete it once it is over."
                .formatted(job.id(), status));
      }
      store.deleteJob(job.workspace(), job.id());
      shelf.remove(job);
      deleteOutputs(shelf, job.id());
    }
  }

  /** Ends the deletion of a job that broke off. */
  void deleteRemains(String workspace, String jobId) {
    Shelf shelf = shelf(workspace);
    synchronized (shelf) {
      store.deleteJob(workspace, jobId);
      deleteOutputs(shelf, jobId);
    }
  }

  private void deleteOutputs(Shelf shelf, String jobId) {
    for (BatchFile file : List.copyOf(shelf.files.values())) {
      if (jobId.equals(file.jobId())) {
        store.deleteFile(file.workspace(), file.id());
        shelf.files.remove(file.id());
      }
    }
  }
}

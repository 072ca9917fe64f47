package io.batchinfer.schedule;

import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
import io.batchinfer.job.RunProgress;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchFile.Role;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Problem;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ProgressPoint;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.schedule.BatchRunners.Prepared;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import io.batchinfer.store.BatchRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One job of the service while it runs: turns its state into a run, and what the run reports back
 * into its state.
 */
final class RunningJob implements RunListener {
  /** Whoever operates the service can fix these, and then the job goes on. */
  private static final Set<ErrorCode> MENDABLE =
      Set.of(
          ErrorCode.AUTHENTICATION_FAILED,
          ErrorCode.INSUFFICIENT_QUOTA,
          ErrorCode.HOST_UNREACHABLE,
          ErrorCode.COOL_DOWN_TOO_LONG,
          ErrorCode.STORAGE_FAILED,
          ErrorCode.USAGE,
          ErrorCode.OWNED_BY_ANOTHER_RUN);

  private static final Problem UNAVAILABLE =
      postponing("endpoint_unavailable", "The endpoint cannot take the requests at the moment");

  private static final Problem NOT_CONFIGURED =
      postponing(
          "not_configured",
          "The service is not configured to run this job; its operator finds the reason in the log");

  private static final String ALL_ROWS = "Requests that were not sent are in the error file.";
  private static final String SOME_ROWS =
      "The output and error files hold what was settled before, if anything was.";

  private final BatchRegistry registry;
  private final BatchRunners runners;
  private final BatchJob job;
  private final boolean ending;
  private final Consumer<String> log;
  private final RunMetrics metrics;
  private volatile @Nullable ProgressPoint latest;
  private volatile @Nullable Prepared runner;
  private volatile long resumedRows = Long.MAX_VALUE;
  private volatile boolean settledRows;
  private volatile int interruptedWith;

  /**
   * @param ending whether the job only has to end
   */
  RunningJob(
      BatchRegistry registry,
      BatchRunners runners,
      BatchJob job,
      boolean ending,
      Consumer<String> log) {
    this.registry = registry;
    this.runners = runners;
    this.job = job;
    this.ending = ending;
    this.log = log;
    this.metrics = new RunMetrics(registry.metrics(), job.workspace());
  }

  private static Problem postponing(String code, String why) {
    return new Problem(
        code,
        why + "; the service tries again by itself until the job's time is over.",
        null,
        null,
        1);
  }

  /** How far the job is, once that is known. */
  Optional<ProgressPoint> latest() {
    return Optional.ofNullable(latest);
  }

  /** Whether rows were settled by this run. */
  boolean hasSettledRows() {
    return settledRows;
  }

  /** How a run left its job. */
  enum Outcome {
    /** Over. */
    ENDED,
    /** To be taken up again later. */
    POSTPONED,
    /** The service is stopping. */
    INTERRUPTED
  }

  /** Lets what is under way end and makes {@link #run} return. */
  void interrupt(int exitCode) {
    interruptedWith = exitCode;
    Prepared current = runner;
    if (current != null) {
      current.interrupt(exitCode);
    }
  }

  /** Runs the job until it is over or cannot go on for now. Blocks. */
  Outcome run() {
    Optional<BatchJob> started =
        registry.change(
            job.workspace(),
            job.id(),
            state -> state.change().started(registry.nowMillis()).made());
    if (started.isEmpty()) {
      return Outcome.ENDED;
    }
    StopConditions conditions =
        new StopConditions(
            this::isCancelled, Instant.ofEpochMilli(job.spec().deadlineMillis()), ending);
    List<String> inputs =
        job.spec().inputFiles().stream()
            .map(id -> registry.store().content(job.workspace(), id))
            .toList();
    try (Prepared prepared = runners.runner(started.get(), inputs, folder(), conditions, this)) {
      runner = prepared;
      if (interruptedWith != 0) {
        prepared.interrupt(interruptedWith);
      }
      return settle(prepared.run());
    } catch (BatchException e) {
      return failed(e.code(), String.valueOf(e.getMessage()));
    } catch (StorageException e) {
      return failed(ErrorCode.STORAGE_FAILED, String.valueOf(e.getMessage()));
    } finally {
      runner = null;
    }
  }

  private JobFolder folder() {
    return registry.store().run(job.workspace(), job.id());
  }

  private boolean isCancelled() {
    return registry
        .job(job.workspace(), job.id())
        .map(now -> now.state().status() == BatchStatus.CANCELLATION_REQUESTED)
        .orElse(true);
  }

  @Override
  public void planned(Plan plan, long resumed) {
    resumedRows = resumed;
    if (resumed == 0) {
      metrics.beginFromNothing();
    }
    registry.change(
        job.workspace(),
        job.id(),
        state -> state.change().total(plan.rows()).problems(List.of()).made());
  }

  @Override
  public void progress(RunProgress progress) {
    Counts counts =
        new Counts(
            progress.rows(),
            new Spent(0, 0, tokens(progress.answers().usage())),
            progress.errors());
    @Nullable Double cost = progress.answers().cost();
    registry.progress(
        job,
        state ->
            state
                .change()
                .total(progress.total())
                .counts(counts)
                .cost(cost, state.progress().currency())
                .made());
    metrics.count(counts, cost);
    settledRows |= progress.rows().settled() > resumedRows;
    latest =
        new ProgressPoint(
            registry.nowMillis(),
            progress.rows().settled(),
            progress.rows().failed(),
            progress.moment().inFlight(),
            progress.answers().usage().promptTokens(),
            progress.answers().usage().completionTokens(),
            cost,
            null,
            null,
            null,
            progress.errors());
  }

  /** Without what the record of the run says at its end. */
  private static Usage tokens(Usage usage) {
    return new Usage(usage.promptTokens(), usage.completionTokens());
  }

  @Override
  public void finalizing() {
    registry.change(
        job.workspace(), job.id(), state -> state.change().finalizing(registry.nowMillis()).made());
  }

  private Outcome settle(JobRecord record) {
    registry.progress(
        job,
        state ->
            state
                .change()
                .total(record.totalRequests())
                .counts(record.counts())
                .cost(record.cost().orElse(null), record.currency())
                .made());
    metrics.count(record.counts(), record.cost().orElse(null));
    JobStatus status = record.status();
    return switch (status) {
      case COMPLETED, FAILED -> ended(BatchStatus.SUCCESS, List.of());
      case CANCELLED -> ended(BatchStatus.CANCELLED, List.of());
      case EXPIRED -> ended(BatchStatus.TIMEOUT_EXCEEDED, List.of());
      case INTERRUPTED ->
          record.exitCode() == ErrorCode.OWNED_BY_ANOTHER_RUN.exitCode()
              ? postponed(ErrorCode.OWNED_BY_ANOTHER_RUN, record.message())
              : interrupted(record);
      case OUT_OF_BUDGET ->
          ended(BatchStatus.FAILED, problem(ErrorCode.OUT_OF_BUDGET, record.message(), ALL_ROWS));
      case COOLING_DOWN -> postponed(ErrorCode.COOL_DOWN_TOO_LONG, record.message());
      case STOPPED ->
          record.isSettled()
              ? ended(
                  BatchStatus.FAILED,
                  problem(ErrorCode.MODEL_NOT_FOUND, record.message(), ALL_ROWS))
              : postponed(ErrorCode.HOST_UNREACHABLE, record.message());
      case PLANNING, RUNNING, FINALIZING, STALLED ->
          failed(ErrorCode.INTERNAL, "The run ended as \"" + status.word() + "\".");
    };
  }

  /**
   * @throws IllegalStateException when it was not a stop of the service, but a defect: begun again
   *     at once, the job would meet it again
   */
  private static Outcome interrupted(JobRecord record) {
    if (record.exitCode() == ErrorCode.INTERNAL.exitCode()) {
      throw new IllegalStateException(record.message());
    }
    return Outcome.INTERRUPTED;
  }

  /** What the caller reads: messages of the run speak to whoever operates the service. */
  private List<Problem> problem(ErrorCode code, String message, String whatIsKept) {
    log.accept("Job " + job.id() + ": " + message);
    return List.of(new Problem(code.code(), code.description() + " " + whatIsKept, null, null, 1));
  }

  private Outcome failed(ErrorCode code, String message) {
    if (MENDABLE.contains(code)) {
      return postponed(code, message);
    }
    return ended(
        isCancelled() ? BatchStatus.CANCELLED : BatchStatus.FAILED,
        problem(code, message, SOME_ROWS));
  }

  /** Ends a job that cannot be brought to its end, with what it has. */
  Outcome giveUp(Throwable failure) {
    return failed(ErrorCode.INTERNAL, String.valueOf(failure));
  }

  private Outcome postponed(ErrorCode code, String message) {
    log.accept("Job " + job.id() + " is tried again later: " + message);
    if (code != ErrorCode.OWNED_BY_ANOTHER_RUN) {
      Problem problem = code == ErrorCode.USAGE ? NOT_CONFIGURED : UNAVAILABLE;
      registry.change(
          job.workspace(), job.id(), state -> state.change().problems(List.of(problem)).made());
    }
    return Outcome.POSTPONED;
  }

  private Outcome ended(BatchStatus how, List<Problem> problems) {
    @Nullable String output = register(Role.RESULTS);
    @Nullable String errors = register(Role.ERRORS);
    registry.change(
        job.workspace(),
        job.id(),
        state ->
            state
                .change()
                .ended(how, registry.nowMillis())
                .files(output, errors)
                .problems(problems)
                .made());
    return Outcome.ENDED;
  }

  /** Makes what the run wrote a file of the workspace; null where it wrote nothing of the kind. */
  private @Nullable String register(Role role) {
    JobFolder run = folder();
    boolean results = role == Role.RESULTS;
    long bytes =
        registry.store().files().list(results ? run.results() : run.errors()).stream()
            .mapToLong(FileStore.Entry::bytes)
            .sum();
    if (bytes == 0) {
      return null;
    }
    Counts counts =
        registry
            .job(job.workspace(), job.id())
            .map(now -> now.state().counts())
            .orElse(Counts.ZERO);
    long now = registry.nowMillis();
    @Nullable Long keptFor = job.spec().lifetime().outputExpiresSeconds();
    // The same id again should the service be killed before the job is stored as ended.
    String id =
        UUID.nameUUIDFromBytes((job.id() + "/" + role).getBytes(StandardCharsets.UTF_8)).toString();
    registry.add(
        new BatchFile(
            id,
            job.workspace(),
            job.id() + (results ? "_output.jsonl" : "_error.jsonl"),
            "batch_output",
            role,
            bytes,
            results ? counts.succeeded() : counts.failed(),
            now,
            keptFor == null ? null : now + keptFor * 1000,
            null,
            null,
            job.id()));
    return id;
  }
}

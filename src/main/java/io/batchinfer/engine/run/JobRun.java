package io.batchinfer.engine.run;

import io.batchinfer.config.JobLimitOptions;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RunCourse.Program;
import io.batchinfer.engine.BuildVersion;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.lead.EarlierJobs;
import io.batchinfer.engine.lead.EndReasons;
import io.batchinfer.engine.lead.ExistingJob;
import io.batchinfer.engine.lead.JobPrices;
import io.batchinfer.engine.lead.JobRecorder;
import io.batchinfer.engine.lead.PlannedJob;
import io.batchinfer.engine.lead.Reopenings;
import io.batchinfer.engine.lead.RunConstraints;
import io.batchinfer.engine.lead.RunContext;
import io.batchinfer.engine.lead.RunInterrupt;
import io.batchinfer.engine.lead.SplitLedger;
import io.batchinfer.engine.lead.StopMessages;
import io.batchinfer.job.BatchRunner;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
import io.batchinfer.model.Amount;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.JournalEpoch;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.storage.Claimant;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.OwnerPulse;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.storage.StorageException;
import io.batchinfer.storage.StoreProbe;
import io.batchinfer.storage.StoreWait;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.SystemTime;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Runs a batch on a cluster that somebody else starts and stops. */
public final class JobRun implements BatchRunner {
  private final Cluster cluster;
  private final JobRequest request;
  private final RequestSource source;
  private final ResolvedOptions options;
  private final RunConstraints constraints;
  private final GuardedListener listener;
  private final FileStores stores;
  private final JobFolder folder;
  private final RunInterrupt interrupt = new RunInterrupt();
  private final JobPlanning planning;

  /** Only touched by the run's own thread. */
  private @Nullable JobRecorder opened;

  /** Only touched by the run's own thread. */
  private @Nullable RunTrace trace;

  private volatile @Nullable Sending current;

  /** A run that is alone in its driver. */
  public JobRun(Cluster cluster, JobRequest request, RequestSource source, RunListener listener) {
    this(cluster, request, source, RunConstraints.alone(), listener);
  }

  /** A run beside others. */
  public JobRun(
      Cluster cluster,
      JobRequest request,
      RequestSource source,
      RunConstraints constraints,
      RunListener listener) {
    this.cluster = cluster;
    this.request = request;
    this.source = source;
    this.constraints = constraints;
    this.options = request.options();
    this.listener = new GuardedListener(listener, interrupt::broke);
    this.stores = cluster.stores();
    this.folder = new JobFolder(stores, request.root());
    this.planning =
        new JobPlanning(cluster, request, source, constraints, this.listener, folder, interrupt);
  }

  @Override
  public void interrupt(int exitCode) {
    interrupt.interrupt(exitCode);
  }

  /** Requests under way, as last reported; none before and after sending. From any thread. */
  public int requestsUnderWay() {
    Sending now = current;
    return now == null ? 0 : now.requestsUnderWay();
  }

  @Override
  public JobRecord run() {
    try (RunTrace running = new RunTrace(request, listener::noticeOnce)) {
      trace = running;
      try {
        return running.ended(runTraced());
      } catch (RuntimeException | Error e) {
        running.failed(e);
        throw e;
      }
    }
  }

  private JobRecord runTraced() {
    cluster.checkEngines(options);
    try (SystemTime time = new SystemTime("batchinfer-driver", interrupt::broke)) {
      Elapsed elapsed = new Elapsed(time, Clock.systemUTC());
      try (StoreWait waiting = new StoreWait(time, folder.root(), listener::notice)) {
        ExistingJob.check(folder, options);
        StoreProbe.check(stores, folder.root());
      }
      try (Ownership ownership =
              Ownership.claim(
                  stores,
                  folder.owner(),
                  Claimant.thisProcess(cluster.isLocal()),
                  OwnershipTiming.DEFAULT,
                  elapsed,
                  time,
                  options.get(RepeatOptions.TAKE_OVER));
          OwnerPulse pulse = new OwnerPulse(ownership, time, listener::notice)) {
        return runOwned(ownership, time, elapsed);
      }
    } catch (StorageException e) {
      hearInterrupt(e);
      throw interrupt.isInterrupted()
          ? new BatchException(ErrorCode.INTERRUPTED, RunInterrupt.INTERRUPTED, e)
          : e;
    } finally {
      interrupt.restoreInterrupt();
    }
  }

  private JobRecord runOwned(Ownership ownership, SystemTime time, Elapsed elapsed) {
    try (Cluster.Held tasks = cluster.interruptible(interrupt, time)) {
      return planAndSend(ownership, time, elapsed);
    } catch (Exception e) {
      hearInterrupt(e);
      if (interrupt.isInterrupted() && !(e instanceof BatchException)) {
        BatchException interrupted =
            new BatchException(ErrorCode.INTERRUPTED, RunInterrupt.INTERRUPTED, e);
        end(ownership, interrupted);
        throw interrupted;
      }
      end(ownership, e);
      throw e;
    } catch (Error e) {
      end(ownership, e);
      throw e;
    } finally {
      if (opened != null && ownership.isValid()) {
        keepCourse();
        listener.ended(folder);
      }
    }
  }

  /** Nothing of the job depends on it, so that it ends nothing. */
  private void keepCourse() {
    try {
      JobCourse.keep(folder);
    } catch (StorageException e) {
      listener.notice("How the run went could not be kept in one file: " + e.getMessage());
    }
  }

  /** Spark throws InterruptedException without declaring it, and files have their own words. */
  private void hearInterrupt(Exception thrown) {
    boolean ofFiles = thrown instanceof StorageException && RunInterrupt.isOfInterrupt(thrown);
    if (thrown instanceof InterruptedException || ofFiles) {
      interrupt.heardInterrupt();
    }
    interrupt.hearInterrupt();
  }

  /** Nobody works any longer on a job whose run was ended by that, and its record says so. */
  private void end(Ownership ownership, Throwable thrown) {
    JobRecorder recorder = opened;
    if (recorder == null || !recorder.isAtWork() || !ownership.isValid()) {
      return;
    }
    try {
      FailedRun end = FailedRun.of(thrown);
      recorder.write(end.status(), end.message(), end.exitCode());
    } catch (RuntimeException | Error unwritten) {
      thrown.addSuppressed(unwritten);
    }
  }

  private JobRecord planAndSend(Ownership ownership, SystemTime time, Elapsed elapsed) {
    Optional<JobRecord> existing = ExistingJob.check(folder, options);
    folder.withdrawCancel();
    source.open(listener::notice);
    // What is wrong with it is to be told before anything is withdrawn or planned.
    EarlierJobs.of(stores, options.get(SavingOptions.REUSE), folder.root());
    Optional<Plan> saved = folder.readPlan();
    // A job that never got beyond its planning has no id and has sent nothing, and may hold what a
    // rerun had not withdrawn yet.
    boolean unplanned = existing.map(record -> record.jobId().isEmpty()).orElse(saved.isEmpty());
    boolean anew =
        existing.map(record -> ExistingJob.startsAnew(record, options)).orElse(false)
            || (!unplanned && planning.replaces(saved));
    JobRecorder recorder =
        anew || existing.isEmpty()
            ? JobRecorder.anew(folder, request, existing)
            : JobRecorder.continuing(folder, request, existing.get());
    opened = recorder;
    if (options.get(RepeatOptions.RERUN) && existing.isPresent() && !anew) {
      listener.notice("The rerun has begun already; this run continues it.");
    }
    Plan plan =
        anew || unplanned ? planning.planAnew(existing, anew, recorder) : saved.orElseThrow();
    SortedMap<String, String> identity = request.identity(plan.content());
    if (existing.isPresent() && !anew && ExistingJob.isOver(folder, existing.get(), options)) {
      listener.notice(ExistingJob.nothingSent(existing.get()));
      return existing.get();
    }
    planning.refuseUnheldCap(plan);
    JobPrices prices = JobPrices.of(request.prices(), options, plan);
    Hash128 jobHash = JobRequest.jobHash(identity);
    recorder.planned(plan, identity, jobHash, prices);
    boolean retry = options.get(RepeatOptions.RETRY_FAILED);
    boolean finished = !anew && existing.isPresent() && existing.get().status().isFinal();
    if (retry && !finished && existing.isPresent() && folder.readReopening().isEmpty()) {
      listener.notice(
          "The job is not finished, so this run goes on with its open rows; --retry-failed then runs the failed ones.");
    }
    RowsAgain again = retry && finished ? RowsAgain.FAILED : RowsAgain.CLOSED;
    SortedMap<Integer, ReopenedSplit> reopened =
        reopen(jobHash, JournalEpoch.of(ownership.epoch(), 0), again, recorder);
    if (retry && finished && reopened.isEmpty()) {
      listener.notice("No row failed in a way that running it again can change; nothing was sent.");
      return existing.get();
    }
    List<String> reused = options.get(SavingOptions.REUSE);
    if (!reused.isEmpty() && !finished) {
      new ReuseJob(cluster, folder).run(plan, EarlierJobs.of(stores, reused, folder.root()));
    }
    PlannedJob job = new PlannedJob(plan, jobHash, prices);
    return send(ownership, time, elapsed, job, reopened, recorder);
  }

  /** Finds the rows of published splits that run again, and writes down that they do. */
  private SortedMap<Integer, ReopenedSplit> reopen(
      Hash128 jobHash, long epoch, RowsAgain again, JobRecorder recorder) {
    Reopenings reopenings = new Reopenings(folder, again);
    reopenings.since().ifPresent(recorder::reopened);
    SortedMap<Integer, ReopenedSplit> found =
        ReopenScan.of(cluster, folder.root(), jobHash, reopenings.candidates(), again, epoch);
    return reopenings.begin(found, recorder.timeFrom());
  }

  private JobRecord send(
      Ownership ownership,
      SystemTime time,
      Elapsed elapsed,
      PlannedJob job,
      SortedMap<Integer, ReopenedSplit> reopened,
      JobRecorder recorder) {
    Plan plan = job.plan();
    SplitLedger ledger =
        new SplitLedger(
            plan,
            folder,
            elapsed,
            OwnershipTiming.DEFAULT.fence().plus(OwnershipTiming.DEFAULT.beat()),
            time,
            JobRun::besideTheRun);
    Counts durable = ledger.recover(reopened);
    recorder.resumed(durable.settled());
    recorder.counted(durable, 0);
    recorder.runsWith(new Program(BuildVersion.CURRENT, cluster.name(), cluster.processes()));
    recorder.write(JobStatus.RUNNING, "");
    listener.planned(plan, durable.settled());
    stores.delete(folder.success());
    planning.restage(plan, ledger.openSplits());
    EndReasons.@Nullable End end;
    try (Sending sending =
        new Sending(
            cluster,
            new RunContext(
                request,
                folder,
                ownership,
                time,
                Clock.system(ZoneId.systemDefault()),
                interrupt,
                constraints,
                listener),
            job,
            ledger,
            recorder,
            trace == null ? "" : trace.parent())) {
      current = sending;
      try {
        end = ledger.isDone() ? null : sending.run();
      } catch (Throwable thrown) {
        countedSoFar(ledger, sending, recorder, thrown);
        throw thrown;
      } finally {
        current = null;
      }
      ownership.confirm();
      recorder.counted(
          ledger.isDone() ? ledger.counts() : ledger.durableCounts(), sending.seconds());
    }
    if (end != null && !end.closesRows()) {
      return recorder.write(end.status(), end.message(), end.exitCode());
    }
    recorder.write(JobStatus.FINALIZING, "");
    listener.finalizing();
    try (Cluster.Held tasks = cluster.interruptible(interrupt, time)) {
      Proof.prove(cluster, folder.root(), plan, job.hash());
    }
    ownership.confirm();
    return finish(plan, end, recorder);
  }

  /** What is saved is to be told even of a run that an exception ends. */
  private void countedSoFar(
      SplitLedger ledger, Sending sending, JobRecorder recorder, Throwable ending) {
    try {
      interrupt.hearInterrupt();
      recorder.counted(ledger.durableCounts(), sending.seconds());
    } catch (Throwable uncounted) {
      ending.addSuppressed(uncounted);
    }
  }

  private static void besideTheRun(Runnable task) {
    Thread thread = new Thread(task, "batchinfer-lost-journals");
    thread.setDaemon(true);
    thread.start();
  }

  private JobRecord finish(Plan plan, EndReasons.@Nullable End end, JobRecorder recorder) {
    stores.makeFolder(folder.results());
    stores.makeFolder(folder.errors());
    folder.forgetJournal();
    if (end != null) {
      return recorder.write(end.status(), end.message(), end.exitCode());
    }
    source.finished();
    long failed = recorder.counts().failed();
    long total = plan.rows();
    double allowed = options.get(JobLimitOptions.MAX_FAILURE_RATE);
    if (recorder.counts().succeeded() == 0) {
      return recorder.write(JobStatus.FAILED, StopMessages.noSuccess(options));
    }
    if (failed > allowed * total) {
      return recorder.write(
          JobStatus.FAILED,
          "%,d of %s failed, more than --max-failure-rate %s allows; see errors/."
              .formatted(failed, Amount.of(total, "row"), allowed));
    }
    stores.replace(folder.success(), new byte[0]);
    return recorder.write(JobStatus.COMPLETED, "");
  }
}

package io.batchinfer.spark;

import io.batchinfer.config.OnInvalid;
import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.RunSpec;
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
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.storage.Claimant;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.OwnerPulse;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.storage.StorageException;
import io.batchinfer.storage.StoreProbe;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.SystemTime;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/** Runs a batch on a Spark context that somebody else starts and stops. */
public final class SparkBatchRunner implements BatchRunner {
  private static final int SHOWN_LINES = 20;

  private final JavaSparkContext context;
  private final JobRequest request;
  private final RequestSource source;
  private final ResolvedOptions options;
  private final RunConstraints terms;
  private final RunListener listener;
  private final FileStores stores;
  private final JobFolder folder;
  private final RunInterrupt control = new RunInterrupt();

  /** Only touched by the run's own thread. */
  private @Nullable JobRecorder opened;

  private volatile @Nullable Sending current;

  /** A run that is alone in its driver. */
  public SparkBatchRunner(
      JavaSparkContext context, JobRequest request, RequestSource source, RunListener listener) {
    this(context, request, source, RunConstraints.alone(), listener);
  }

  /** A run beside others. */
  public SparkBatchRunner(
      JavaSparkContext context,
      JobRequest request,
      RequestSource source,
      RunConstraints terms,
      RunListener listener) {
    this.context = context;
    this.request = request;
    this.source = source;
    this.terms = terms;
    this.options = request.options();
    this.listener = new GuardedListener(listener, control::broke);
    this.stores = new FileStores(context::hadoopConfiguration);
    this.folder = new JobFolder(stores, request.root());
  }

  @Override
  public void interrupt(int exitCode) {
    control.interrupt(exitCode);
  }

  /** Requests under way, as last reported; none before and after sending. From any thread. */
  public int requestsUnderWay() {
    Sending now = current;
    return now == null ? 0 : now.requestsUnderWay();
  }

  @Override
  public JobRecord run() {
    try (SystemTime time = new SystemTime("batchinfer-driver", control::broke)) {
      Elapsed elapsed = new Elapsed(time, Clock.systemUTC());
      ExistingJob.check(folder, options);
      StoreProbe.check(stores, folder.root());
      try (Ownership ownership =
              Ownership.claim(
                  stores,
                  folder.owner(),
                  Claimant.thisProcess(context.isLocal()),
                  OwnershipTiming.DEFAULT,
                  elapsed,
                  time,
                  options.get(Options.TAKE_OVER));
          OwnerPulse pulse = new OwnerPulse(ownership, time, listener::notice)) {
        return runOwned(ownership, time, elapsed);
      }
    } catch (StorageException e) {
      hearInterrupt(e);
      throw control.isInterrupted()
          ? new BatchException(ErrorCode.INTERRUPTED, RunInterrupt.INTERRUPTED, e)
          : e;
    } finally {
      control.restoreInterrupt();
    }
  }

  private JobRecord runOwned(Ownership ownership, SystemTime time, Elapsed elapsed) {
    try (InterruptibleJobs jobs = new InterruptibleJobs(context, control, time)) {
      return planAndSend(ownership, time, elapsed);
    } catch (Exception e) {
      hearInterrupt(e);
      if (control.isInterrupted() && !(e instanceof BatchException)) {
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
    }
  }

  /** Spark throws InterruptedException without declaring it, and files have their own words. */
  private void hearInterrupt(Exception thrown) {
    boolean ofFiles = thrown instanceof StorageException && RunInterrupt.isOfInterrupt(thrown);
    if (thrown instanceof InterruptedException || ofFiles) {
      control.heardInterrupt();
    }
    control.hearInterrupt();
  }

  /** Nobody works any longer on a job whose run was ended by that, and its record says so. */
  private void end(Ownership ownership, Throwable thrown) {
    JobRecorder book = opened;
    if (book == null || !book.isAtWork() || !ownership.isValid()) {
      return;
    }
    try {
      FailedRun end = FailedRun.of(thrown);
      book.write(end.status(), end.message(), end.exitCode());
    } catch (RuntimeException | Error unwritten) {
      thrown.addSuppressed(unwritten);
    }
  }

  private JobRecord planAndSend(Ownership ownership, SystemTime time, Elapsed elapsed) {
    Optional<JobRecord> existing = ExistingJob.check(folder, options);
    folder.withdrawCancel();
    source.open(listener::notice);
    Optional<Plan> saved = folder.readPlan();
    // A job that never got beyond its planning has no id and has sent nothing, and may hold what a
    // rerun had not withdrawn yet.
    boolean unplanned = existing.map(record -> record.jobId().isEmpty()).orElse(saved.isEmpty());
    boolean anew =
        existing.map(record -> ExistingJob.startsAnew(record, options)).orElse(false)
            || (!unplanned && replaced(saved));
    JobRecorder book = new JobRecorder(folder, request, existing, anew);
    opened = book;
    if (options.get(Options.RERUN) && existing.isPresent() && !anew) {
      listener.notice("The rerun has begun already; this run continues it.");
    }
    Plan plan = anew || unplanned ? planAnew(existing, anew, book) : saved.orElseThrow();
    SortedMap<String, String> identity = request.identity(plan.content());
    if (existing.isPresent() && !anew && ExistingJob.isOver(folder, existing.get(), options)) {
      listener.notice(ExistingJob.nothingSent(existing.get()));
      return existing.get();
    }
    refuseUnheldCap(plan);
    JobPrices prices = JobPrices.of(request.prices(), options, plan);
    Hash128 jobHash = JobRequest.jobHash(identity);
    book.planned(plan, identity, jobHash, prices);
    boolean retry = options.get(Options.RETRY_FAILED);
    boolean finished = !anew && existing.isPresent() && existing.get().status().isFinal();
    if (retry && !finished && existing.isPresent() && folder.readReopening().isEmpty()) {
      listener.notice(
          "The job is not finished, so this run goes on with its open rows; --retry-failed then runs the failed ones.");
    }
    SortedMap<Integer, ReopenedSplit> reopened =
        reopen(jobHash, ownership.epoch(), retry && finished, book);
    if (retry && finished && reopened.isEmpty()) {
      listener.notice("No row failed in a way that running it again can change; nothing was sent.");
      return existing.get();
    }
    return send(ownership, time, elapsed, plan, jobHash, prices, reopened, book);
  }

  /** Finds the rows of published splits that run again, and writes down that they do. */
  private SortedMap<Integer, ReopenedSplit> reopen(
      Hash128 jobHash, long epoch, boolean failures, JobRecorder book) {
    Reopenings reopenings = new Reopenings(folder, failures);
    reopenings.since().ifPresent(book::reopened);
    SortedMap<Integer, ReopenedSplit> found =
        ReopenScan.of(context, folder.root(), jobHash, reopenings.candidates(), failures, epoch);
    return reopenings.begin(found, book.timeFrom());
  }

  private void withdraw(RequestSource.Lines lines) {
    stores.delete(folder.success());
    for (String part : List.of(folder.results(), folder.errors(), folder.commits())) {
      stores.delete(part);
    }
    deleteAllBut(lines.folder(), folder.plan());
    folder.forgetJournal();
  }

  private void deleteAllBut(Optional<String> kept, String path) {
    if (kept.isEmpty() || !kept.get().startsWith(path + "/")) {
      if (kept.filter(path::equals).isEmpty()) {
        stores.delete(path);
      }
      return;
    }
    stores.list(path).forEach(entry -> deleteAllBut(kept, entry.path()));
  }

  /**
   * Whether the files hold something else than what was planned, so that a rerun replaces the job.
   *
   * @throws BatchException where they do and no rerun is asked for
   */
  private boolean replaced(Optional<Plan> saved) {
    if (saved.isEmpty()) {
      throw new BatchException(
          ErrorCode.OUTPUT_MISMATCH,
          "The plan of the job in \"%s\" is gone from \"%s\". Restore it from a copy; or give --rerun, which replaces that job's results and pays again."
              .formatted(folder.root(), folder.plan()));
    }
    if (source.holds(saved.get(), files -> check(files).plan().content())) {
      return false;
    }
    if (options.get(Options.RERUN)) {
      return true;
    }
    throw new BatchException(
        ErrorCode.OUTPUT_MISMATCH,
        "The output \"%s\" belongs to a job over other input: %s"
            .formatted(folder.root(), source.difference()));
  }

  /**
   * Plans after withdrawing what is there. An input that is refused touches nothing of a former job
   * and leaves no record of a job that never was.
   */
  private Plan planAnew(Optional<JobRecord> existing, boolean anew, JobRecorder book) {
    SharedOutput.check(context, folder);
    RequestSource.Lines lines = source.lines();
    if (anew) {
      refuseInvalid(check(lines.files()));
    }
    book.write(JobStatus.PLANNING, "");
    withdraw(lines);
    boolean planned = false;
    try {
      lines.keep();
      Plan plan = plan(lines.files());
      planned = true;
      return plan;
    } finally {
      if (!planned && existing.isEmpty()) {
        control.hearInterrupt();
        book.delete();
      }
    }
  }

  private Plan plan(List<FileStore.Entry> files) {
    RunSpec spec = new RunSpec(options, Hash128.ZERO, folder.root());
    Planning.Result result =
        new Planning(context, spec, JobFolder.PLAN, folder, options.get(Options.SPLIT_BYTES))
            .plan(files);
    refuseInvalid(result);
    folder.writePlan(result.plan());
    return result.plan();
  }

  private void refuseInvalid(Planning.Result result) {
    if (result.invalid() > 0) {
      boolean nothing = result.invalid() == result.plan().rows() && !result.forms().isEmpty();
      if (nothing || options.get(Options.ON_INVALID) != OnInvalid.RECORD) {
        throw invalidLines(result, nothing);
      }
      result.forms().sentences().forEach(listener::notice);
    }
    refuseUnheldCap(result.plan());
  }

  /** A cap on money holds only where every model has a price. */
  private void refuseUnheldCap(Plan plan) {
    boolean ofWorkspace =
        terms.spending().map(share -> !Double.isInfinite(share.cap())).orElse(false);
    if (options.find(Options.MAX_COST).isPresent() || ofWorkspace) {
      JobPrices.of(request.prices(), options, plan)
          .refuseCap(ofWorkspace ? "The cost cap of the workspace" : "--max-cost");
    }
  }

  private static BatchException invalidLines(Planning.Result result, boolean nothing) {
    StringBuilder message = new StringBuilder();
    result.forms().sentences().forEach(form -> message.append(form).append('\n'));
    List<String> lines = result.forms().ofOtherFiles(result.shown());
    message.append(
        "The input has %s; nothing was sent."
            .formatted(Amount.of(result.invalid(), "invalid line")));
    lines.stream().limit(SHOWN_LINES).forEach(line -> message.append("\n  ").append(line));
    if (result.forms().isEmpty() && result.invalid() > SHOWN_LINES) {
      message.append("\n  and ").append(result.invalid() - SHOWN_LINES).append(" more");
    }
    if (!lines.isEmpty()) {
      message.append("\nMend them");
      message.append(
          nothing
              ? "; no line of the input can be sent as it is."
              : ", or give --on-invalid record to write them as errors and run the rest.");
    }
    return new BatchException(ErrorCode.INVALID_INPUT, message.toString());
  }

  /** What a plan of the files would be; none is left. */
  private Planning.Result check(List<FileStore.Entry> files) {
    JobFolder scratch = new JobFolder(stores, request.root(), "_plan_check");
    try {
      RunSpec spec = new RunSpec(options, Hash128.ZERO, folder.root());
      return new Planning(context, spec, "_plan_check", scratch, options.get(Options.SPLIT_BYTES))
          .plan(files);
    } finally {
      stores.delete(scratch.plan());
    }
  }

  private JobRecord send(
      Ownership ownership,
      SystemTime time,
      Elapsed elapsed,
      Plan plan,
      Hash128 jobHash,
      JobPrices prices,
      SortedMap<Integer, ReopenedSplit> reopened,
      JobRecorder book) {
    SplitLedger ledger =
        new SplitLedger(
            plan,
            folder,
            elapsed,
            OwnershipTiming.DEFAULT.fence().plus(OwnershipTiming.DEFAULT.beat()),
            time,
            SparkBatchRunner::besideTheRun);
    Counts durable = ledger.recover(reopened);
    book.resumed(durable.settled());
    book.counted(durable, 0);
    book.write(JobStatus.RUNNING, "");
    listener.planned(plan, durable.settled());
    stores.delete(folder.success());
    new Planning(
            context,
            new RunSpec(options, jobHash, folder.root()),
            JobFolder.PLAN,
            folder,
            options.get(Options.SPLIT_BYTES))
        .restage(plan, ledger.openSplits());
    EndReasons.@Nullable End end;
    try (Sending sending =
        new Sending(
            context,
            new RunContext(
                request,
                folder,
                ownership,
                time,
                Clock.system(ZoneId.systemDefault()),
                control,
                terms,
                listener),
            new PlannedJob(plan, jobHash, prices),
            ledger,
            book)) {
      current = sending;
      try {
        end = ledger.isComplete() ? null : sending.run();
      } catch (Throwable thrown) {
        countedSoFar(ledger, sending, book, thrown);
        throw thrown;
      } finally {
        current = null;
      }
      ownership.confirm();
      book.counted(
          ledger.isComplete() ? ledger.counts() : ledger.durableCounts(), sending.seconds());
    }
    if (end != null && !end.closesRows()) {
      return book.write(end.status(), end.message(), end.exitCode());
    }
    book.write(JobStatus.FINALIZING, "");
    listener.finalizing();
    try (InterruptibleJobs jobs = new InterruptibleJobs(context, control, time)) {
      Proof.prove(context, folder.root(), plan, jobHash);
    }
    ownership.confirm();
    return finish(plan, end, book);
  }

  /** What is saved is to be told even of a run that an exception ends. */
  private void countedSoFar(
      SplitLedger ledger, Sending sending, JobRecorder book, Throwable ending) {
    try {
      control.hearInterrupt();
      book.counted(ledger.durableCounts(), sending.seconds());
    } catch (Throwable uncounted) {
      ending.addSuppressed(uncounted);
    }
  }

  private static void besideTheRun(Runnable task) {
    Thread thread = new Thread(task, "batchinfer-lost-journals");
    thread.setDaemon(true);
    thread.start();
  }

  private JobRecord finish(Plan plan, EndReasons.@Nullable End end, JobRecorder book) {
    stores.makeFolder(folder.results());
    stores.makeFolder(folder.errors());
    folder.forgetJournal();
    if (end != null) {
      return book.write(end.status(), end.message(), end.exitCode());
    }
    source.finished();
    long failed = book.counts().failed();
    long total = plan.rows();
    double allowed = options.get(Options.MAX_FAILURE_RATE);
    if (book.counts().succeeded() == 0) {
      return book.write(JobStatus.FAILED, StopMessages.noSuccess(options));
    }
    if (failed > allowed * total) {
      return book.write(
          JobStatus.FAILED,
          "%,d of %s failed, more than --max-failure-rate %s allows; see errors/."
              .formatted(failed, Amount.of(total, "row"), allowed));
    }
    stores.replace(folder.success(), new byte[0]);
    return book.write(JobStatus.COMPLETED, "");
  }
}

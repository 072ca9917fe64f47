package io.batchinfer.engine.lead;

import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.engine.lead.EndReasons.End;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.JournalEpoch;
import io.batchinfer.quota.EndpointQuota;
import io.batchinfer.quota.ProcessReading;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.remote.RemoteBatchApi;
import io.batchinfer.storage.OwnershipTiming;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The sending of a job's open rows: keeps workers going, wherever they are, and watches what may
 * end it. Has its share of the endpoint until it is closed. {@link #authority} and {@link
 * #requestsUnderWay} are for any thread, the rest for one.
 */
public final class SendingStage implements AutoCloseable {
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(100);
  private static final int SUBMISSIONS_WITHOUT_PROGRESS = 3;

  private final RunContext run;
  private final SplitLedger ledger;
  private final QuotaAuthority quota;
  private final RunAuthority authority;
  private final EndReasons reasons;
  private final SendingProgress progress;
  private final long rows;
  private final Counts settledBefore;
  private final WaitingRows waitingRows;
  private int stage;
  private final PlannedJob job;
  private final JobRecorder recorder;
  private @Nullable RemoteStage remote;
  private final String token = UUID.randomUUID().toString();
  private Duration took = Duration.ZERO;

  /** Where workers come from. */
  @FunctionalInterface
  public interface Workers {
    /**
     * Starts workers, which end by themselves when nothing is left for them.
     *
     * @param openSplits splits that are not published yet
     * @return done when all of them have ended; a cancel ends them
     */
    Future<Void> start(int openSplits);
  }

  /** What workers are for. */
  private enum Aim {
    /** Rows are sent, which many reasons can end. */
    ANSWERS,
    /** Open rows are settled without being sent, which only an interrupt ends. */
    CLOSED_ROWS
  }

  public SendingStage(
      RunContext run,
      PlannedJob job,
      SplitLedger ledger,
      JobRecorder recorder,
      WaitingRows waitingRows) {
    this.run = run;
    this.ledger = ledger;
    this.waitingRows = waitingRows;
    this.job = job;
    this.recorder = recorder;
    ResolvedOptions options = run.request().options();
    RunConstraints constraints = run.constraints();
    this.quota =
        new QuotaAuthority(
            constraints
                .endpoint()
                .orElseGet(
                    () -> new EndpointQuota(SharedQuotas.limits(options), run.time(), run.time())),
            constraints.group(),
            new UsageCaps(run, recorder).budgets(),
            OwnershipTiming.DEFAULT.fence(),
            options.get(RetryOptions.REQUEST_TIMEOUT).plus(OwnershipTiming.DEFAULT.fence()),
            run.ownership()::isValid);
    this.authority =
        new RunAuthority(token, run.request().secrets(), ledger, quota, run.ownership()::isValid);
    options
        .find(RetryOptions.WAIT_FOR_ENDPOINT)
        .or(
            () ->
                options
                    .find(EngineOptions.ENGINE)
                    .map(unused -> SharedQuotas.longestPause(options)))
        .ifPresent(quota::waitForEndpoint);
    if (options.find(EngineOptions.ENGINE).isPresent()) {
      quota.startsEngines();
    }
    this.reasons = new EndReasons(run, job.plan(), ledger, recorder, quota);
    this.progress = new SendingProgress(run, job, ledger, recorder, quota);
    this.rows = job.plan().rows();
    this.settledBefore = recorder.counts();
    recorder.engines(authority.engines()::figures);
  }

  /** What answers the workers' messages. */
  public RunAuthority authority() {
    return authority;
  }

  /** What a message of this run's workers bears. */
  public String token() {
    return token;
  }

  /** Number of what workers journal that are started now. */
  public long journalEpoch() {
    return JournalEpoch.of(run.ownership().epoch(), stage);
  }

  /** As last reported. From any thread. */
  public int requestsUnderWay() {
    return quota.inFlight();
  }

  /** Rows of the job. From any thread. */
  public long rows() {
    return rows;
  }

  /** Rows that are settled, in this run or before, as last reported. From any thread. */
  public long settledRows() {
    return progress.settled(quota.progress());
  }

  /** What all processes have done for the run and have under way. From any thread. */
  public ProcessReading reading() {
    return quota.reading();
  }

  /**
   * What they have done for it in all, when sending is over. What a process did last it may not
   * have reported; the parts that it published tell of the rows.
   */
  public ProcessReading done() {
    Counts published = ledger.counts();
    return quota
        .reading()
        .ended()
        .atLeast(
            published.settled() - settledBefore.settled(),
            published.failed() - settledBefore.failed(),
            published.usage().minus(settledBefore.usage()));
  }

  /** The same of each process, by the name that the cluster manager knows it by. */
  public SortedMap<String, ProcessReading> readings() {
    return authority.readings();
  }

  /** Seconds that sending took, to the millisecond as they are stored; 0 until it has ended. */
  public double seconds() {
    return took.toMillis() / 1e3;
  }

  /**
   * Has rows answered by the provider's batch service first.
   *
   * @param api the service
   * @param tasks does what is not the driver's
   */
  public void viaBatches(RemoteBatchApi api, RemoteTasks tasks) {
    remote = new RemoteStage(run, job, ledger, recorder, reasons, api, tasks);
  }

  /**
   * Sends until all rows are settled, which is null, or until something ends it.
   *
   * @throws BatchException when workers fail in a way that other workers would fail too
   */
  public @Nullable End run(Workers workers) {
    run.interrupt().whenInterrupted(() -> {});
    End end = reasons.reasonToEnd();
    if (end == null) {
      end = settleAll(workers, Aim.ANSWERS);
    }
    if (end != null && end.status() == JobStatus.OUT_OF_BUDGET) {
      // What was under way has ended since.
      @Nullable End drained = reasons.overBudget();
      end = drained == null ? end : drained;
    }
    took = progress.elapsed();
    if (end != null && end.closesRows() && !ledger.isDone()) {
      ledger.closeRowsWith(end.openRows().orElseThrow());
      @Nullable End before = settleAll(workers, Aim.CLOSED_ROWS);
      end = ledger.isDone() || before == null ? end : before;
    }
    progress.end();
    return end;
  }

  /** Rows that wait for equal ones come when all others are through. */
  private @Nullable End settleAll(Workers workers, Aim aim) {
    @Nullable End end = answeredAndSent(workers, aim);
    while (end == null && ledger.isComplete() && !ledger.isDone()) {
      stage++;
      ledger.reopen(
          waitingRows.reopen(ledger.waiting(), journalEpoch(), stage == JournalEpoch.MOST_STAGES));
      end = answeredAndSent(workers, aim);
    }
    return end;
  }

  private @Nullable End answeredAndSent(Workers workers, Aim aim) {
    RemoteStage first = remote;
    @Nullable End end = first == null || aim == Aim.CLOSED_ROWS ? null : first.run();
    return end == null ? submitUntilDone(workers, aim) : end;
  }

  @Override
  public void close() {
    quota.close();
  }

  private @Nullable End submitUntilDone(Workers workers, Aim aim) {
    int withoutProgress = 0;
    long settledBefore = -1;
    @Nullable End end = null;
    while (!ledger.isComplete()) {
      authority.engines().begin();
      Future<Void> started = workers.start(ledger.openSplits().size());
      end = watch(started, aim);
      WorkersEnd over = endOf(started);
      if (end != null || ledger.isComplete()) {
        break;
      }
      refuseOtherBuild();
      refuseUnreadableJournal();
      refuseFailedEngines();
      // Sending again what cannot be kept would only be paid for again.
      over.refuseLasting();
      long settled = quota.progress().settled() + ledger.committedSplits();
      withoutProgress = settled > settledBefore ? 0 : withoutProgress + 1;
      settledBefore = settled;
      if (withoutProgress >= SUBMISSIONS_WITHOUT_PROGRESS) {
        throw new BatchException(
            ErrorCode.STORAGE_FAILED,
            "The workers ended without finishing, %d times without settling a row%s. What was settled is saved; mend the cause and give the same command again."
                .formatted(withoutProgress, over.words().map(cause -> ": " + cause).orElse("")));
      }
      over.words()
          .ifPresent(
              cause ->
                  run.listener()
                      .notice("The workers' stage ended (" + cause + "); it is submitted again."));
    }
    return ledger.isComplete() && end != null && !end.closesRows() ? null : end;
  }

  /** Waits for the workers' end, or brings it about. */
  private @Nullable End watch(Future<Void> workers, Aim aim) {
    @Nullable End end = null;
    long endingSince = 0;
    boolean cancelled = false;
    boolean watched = false;
    Duration patience = run.request().options().get(RetryOptions.DRAIN_TIMEOUT);
    try {
      while (!workers.isDone()) {
        run.time().pause(WATCH_INTERVAL);
        boolean interrupted = run.interrupt().hearInterrupt();
        tell();
        progress.record();
        if (end == null) {
          end = interrupted ? reasons.interrupted() : reasonToEnd(aim);
          if (end != null) {
            endingSince = run.time().nanos();
            if (aim == Aim.ANSWERS) {
              stopSending();
            }
          }
        }
        if (end != null) {
          boolean late = !cancelled && run.time().nanos() - endingSince > patience.toNanos();
          if (late || (aim == Aim.ANSWERS && isNothingUnderWay())) {
            workers.cancel(true);
            cancelled = true;
          }
        }
      }
      tell();
      end = end == null ? reasonToEnd(aim) : end;
      watched = true;
      return end;
    } finally {
      if (!watched) {
        // Whatever went wrong here, no worker may go on without anybody who watches it.
        stopSending();
        workers.cancel(true);
      }
    }
  }

  private void stopSending() {
    ledger.close();
    quota.drain();
  }

  private void tell() {
    quota.takeNotes().forEach(run.listener()::notice);
    authority.takeNotices().forEach(run.listener()::notice);
    progress.tell();
  }

  private @Nullable End reasonToEnd(Aim aim) {
    if (aim == Aim.ANSWERS) {
      return reasons.reasonToEnd();
    }
    return run.interrupt().isInterrupted() ? reasons.interrupted() : null;
  }

  /** A cluster without room has workers that never began; there is nothing to wait for. */
  private boolean isNothingUnderWay() {
    return quota.inFlight() == 0 && !ledger.isAtWork();
  }

  private WorkersEnd endOf(Future<Void> workers) {
    try {
      return WorkersEnd.of(workers);
    } catch (InterruptedException e) {
      run.interrupt().heardInterrupt();
      return new WorkersEnd(null, Optional.of("interrupted"));
    }
  }

  /** Workers of another build would be refused the next time too. */
  private void refuseOtherBuild() {
    authority
        .refusedBuild()
        .ifPresent(
            refused -> {
              throw new BatchException(
                  ErrorCode.USAGE, String.valueOf(refused.getMessage()), refused);
            });
  }

  /** Where no engine came up or answered a row, the next would not either. */
  private void refuseFailedEngines() {
    Optional<String> failure = authority.engines().failure();
    if (failure.isPresent()) {
      throw new BatchException(
          ErrorCode.ENGINE_FAILED,
          "%s%nMend --engine and give the same command again.".formatted(failure.get()));
    }
  }

  /** Rows of lost workers would be paid for again if nobody knew which are answered. */
  private void refuseUnreadableJournal() {
    RuntimeException failure = ledger.failure();
    if (failure != null) {
      throw new BatchException(
          ErrorCode.STORAGE_FAILED,
          "%s So it is not known which rows a lost worker has had answered, and they are not sent again. What was saved stays; mend the cause and give the same command again."
              .formatted(failure.getMessage()),
          failure);
    }
  }
}

package io.batchinfer.engine.lead;

import io.batchinfer.config.JobLimitOptions;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaAuthority.StopReason;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.storage.StorageException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What ends sending before every row has its answer: looked at again and again. Not thread-safe.
 */
public final class EndReasons {
  private static final Logger LOG = LoggerFactory.getLogger(EndReasons.class);

  private static final Duration CANCEL_INTERVAL = Duration.ofSeconds(1);

  /** Failed rows that end a job without a single success. */
  private static final int FAILURES_WITHOUT_SUCCESS = 100;

  /** A job with fewer failed rows is rather brought to its end. */
  private static final int FAILURES_THAT_MATTER = 500;

  private final RunContext run;
  private final ResolvedOptions options;
  private final Plan plan;
  private final SplitLedger ledger;
  private final JobRecorder recorder;
  private final QuotaAuthority quota;
  private final UsageCaps caps;
  private long cancelLookedAt;

  EndReasons(
      RunContext run, Plan plan, SplitLedger ledger, JobRecorder recorder, QuotaAuthority quota) {
    this.run = run;
    this.options = run.request().options();
    this.plan = plan;
    this.ledger = ledger;
    this.recorder = recorder;
    this.quota = quota;
    this.caps = new UsageCaps(run, recorder);
    this.cancelLookedAt = run.time().nanos() - CANCEL_INTERVAL.toNanos();
  }

  /**
   * Why sending ended before every row was settled by an answer.
   *
   * @param openRows code with which the open rows are settled; empty where they stay open
   */
  public record End(JobStatus status, String message, int exitCode, Optional<ErrorCode> openRows) {
    /** An end that leaves the open rows to a later run. */
    End(JobStatus status, String message, int exitCode) {
      this(status, message, exitCode, Optional.empty());
    }

    public boolean closesRows() {
      return openRows.isPresent();
    }

    /** The same, which settles the open rows as failed. */
    End closing() {
      return new End(status, message, exitCode, Optional.of(ErrorCode.BATCH_FAILED));
    }
  }

  /** The first reason there is, or null. */
  @Nullable End reasonToEnd() {
    if (ledger.isComplete()) {
      return null;
    }
    @Nullable Throwable broken = run.interrupt().failure();
    if (broken != null) {
      return new End(
          JobStatus.INTERRUPTED,
          "The driver could not go on: %s. What was answered is saved; the same command goes on where this one stopped."
              .formatted(broken),
          ErrorCode.INTERNAL.exitCode());
    }
    Optional<StopReason> stop = quota.stopReason();
    if (stop.isPresent()) {
      End end = StopMessages.end(stop.get(), options);
      return run.constraints().closing().contains(stop.get().code()) ? end.closing() : end;
    }
    if (run.interrupt().isInterrupted()) {
      return interrupted();
    }
    if (run.ownership().isLost()) {
      return new End(JobStatus.INTERRUPTED, "Another run took over.", 7);
    }
    if (isCancelled()) {
      return new End(
          JobStatus.CANCELLED,
          "Cancelled; rows without an answer are in errors/ as batch_cancelled. --resume runs"
              + " them.",
          JobStatus.CANCELLED.exitCode(),
          Optional.of(ErrorCode.BATCH_CANCELLED));
    }
    Optional<Double> hours = options.find(JobLimitOptions.TIMEOUT_HOURS);
    Instant now = run.clock().instant();
    boolean late = run.constraints().deadline().map(now::isAfter).orElse(false);
    if (hours.isPresent()
        && (late
            || Duration.between(recorder.timeFrom(), now).toMillis() > hours.get() * 3_600_000)) {
      return new End(
          JobStatus.EXPIRED,
          "The job's %s hours ran out; rows without an answer are in errors/ as batch_expired. --resume or a longer --timeout-hours runs them."
              .formatted(hours.get()),
          JobStatus.EXPIRED.exitCode(),
          Optional.of(ErrorCode.BATCH_EXPIRED));
    }
    @Nullable End budget = overBudget();
    return budget == null ? tooManyFailures() : budget;
  }

  /** The end that a user asks for, to go on later. */
  End interrupted() {
    return new End(JobStatus.INTERRUPTED, RunInterrupt.INTERRUPTED, run.interrupt().exitCode());
  }

  /** Once the rows that were sent and failed are too many, the rest would only cost more. */
  private @Nullable End tooManyFailures() {
    Progress progress = quota.progress();
    // Whoever asks for failed rows to be run again has dealt with what made them fail.
    Counts earlier = options.get(RepeatOptions.RETRY_FAILED) ? Counts.ZERO : recorder.counts();
    long failed = earlier.failed() + progress.failed() - plan.invalidRows();
    long succeeded = earlier.succeeded() + progress.settled() - progress.failed();
    double allowed = options.get(JobLimitOptions.MAX_FAILURE_RATE);
    boolean allFail = succeeded == 0 && failed >= FAILURES_WITHOUT_SUCCESS && allowed < 1;
    boolean tooMany = failed >= FAILURES_THAT_MATTER && failed > allowed * plan.rows();
    if (!allFail && !tooMany) {
      return null;
    }
    return new End(
        JobStatus.STOPPED,
        "%,d of %,d requests that were sent have failed%s. The rest was not sent; \"batchinfer results --partial --errors\" says why. Fix the cause and give the same command with --retry-failed: it sends the rest, and once that is done, the failed ones again. A higher --max-failure-rate goes on as it is."
            .formatted(
                failed,
                failed + succeeded,
                allFail
                    ? " and none has succeeded"
                    : ", which is more than --max-failure-rate %s of all %,d rows"
                        .formatted(allowed, plan.rows())),
        JobStatus.FAILED.exitCode());
  }

  /** The cap that is reached, or null. */
  @Nullable End overBudget() {
    return caps.reached(quota.usage());
  }

  /** The end of a job of which the next batch would cost more than its caps leave. */
  End overEstimate() {
    return caps.tooLittleLeft();
  }

  private boolean isCancelled() {
    if (run.constraints().cancelled().getAsBoolean()) {
      return true;
    }
    if (run.time().nanos() - cancelLookedAt < CANCEL_INTERVAL.toNanos()) {
      return false;
    }
    cancelLookedAt = run.time().nanos();
    try {
      return run.folder().isCancelRequested();
    } catch (StorageException e) {
      // A storage that is away for a moment ends no run; whether it can be written to, others see.
      LOG.warn("Whether the job is to be cancelled is looked at again: {}", e.getMessage());
      return false;
    }
  }
}

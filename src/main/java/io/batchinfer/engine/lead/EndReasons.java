package io.batchinfer.engine.lead;

import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.model.Usage;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaAuthority.StopReason;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.StorageException;
import io.batchinfer.time.Ticker;
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

  private final ResolvedOptions options;
  private final JobFolder folder;
  private final Ownership ownership;
  private final Ticker time;
  private final Plan plan;
  private final SplitLedger ledger;
  private final RunInterrupt control;
  private final RunConstraints terms;
  private final JobRecorder book;
  private final QuotaAuthority quota;
  private long cancelLookedAt;

  public EndReasons(
      ResolvedOptions options,
      JobFolder folder,
      Ownership ownership,
      Ticker time,
      Plan plan,
      SplitLedger ledger,
      RunInterrupt control,
      RunConstraints terms,
      JobRecorder book,
      QuotaAuthority quota) {
    this.options = options;
    this.folder = folder;
    this.ownership = ownership;
    this.time = time;
    this.plan = plan;
    this.ledger = ledger;
    this.control = control;
    this.terms = terms;
    this.book = book;
    this.quota = quota;
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
  }

  /** The first reason there is, or null. */
  public @Nullable End reasonToEnd() {
    if (ledger.isComplete()) {
      return null;
    }
    @Nullable Throwable broken = control.failure();
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
      return terms.closing().contains(stop.get().code()) ? closing(end) : end;
    }
    if (control.isInterrupted()) {
      return interrupted();
    }
    if (ownership.isLost()) {
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
    Optional<Double> hours = options.find(Options.TIMEOUT_HOURS);
    Instant now = Instant.now();
    boolean late = terms.deadline().map(now::isAfter).orElse(false);
    if (hours.isPresent()
        && (late || Duration.between(book.timeFrom(), now).toMillis() > hours.get() * 3_600_000)) {
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
  public End interrupted() {
    return new End(JobStatus.INTERRUPTED, RunInterrupt.INTERRUPTED, control.exitCode());
  }

  /** Once the rows that were sent and failed are too many, the rest would only cost more. */
  private @Nullable End tooManyFailures() {
    Progress progress = quota.progress();
    // Whoever asks for failed rows to be run again has dealt with what made them fail.
    Counts earlier = options.get(Options.RETRY_FAILED) ? Counts.ZERO : book.counts();
    long failed = earlier.failed() + progress.failed() - plan.invalidRows();
    long succeeded = earlier.succeeded() + progress.settled() - progress.failed();
    double allowed = options.get(Options.MAX_FAILURE_RATE);
    boolean allFail = succeeded == 0 && failed >= FAILURES_WITHOUT_SUCCESS && allowed < 1;
    boolean tooMany = failed >= FAILURES_THAT_MATTER && failed > allowed * plan.rows();
    if (!allFail && !tooMany) {
      return null;
    }
    return new End(
        JobStatus.STOPPED,
        "%,d of %,d requests that were sent have failed%s. The rest was not sent; \"batchinfer results --partial --errors\" tells why. Mend the cause and give the same command with --retry-failed: it sends the rest, and once that is done, the failed ones again. A higher --max-failure-rate goes on as it is."
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
  public @Nullable End overBudget() {
    Usage usage = quota.usage().plus(earlierUsage());
    Optional<Long> maxTokens = options.find(Options.MAX_TOTAL_TOKENS);
    if (maxTokens.isPresent() && usage.total() >= maxTokens.get()) {
      return outOfBudget(
          "%d tokens are used, with what was under way when the cap --max-total-tokens of %d was reached"
              .formatted(usage.total(), maxTokens.get()));
    }
    Optional<Double> maxCost = options.find(Options.MAX_COST);
    if (maxCost.isPresent()) {
      double cost = usage.cost().amount();
      if (cost >= maxCost.get()) {
        return outOfBudget(
            "%.4f is spent, with what was under way when the cap --max-cost of %.4f was reached"
                .formatted(cost, maxCost.get()));
      }
    }
    if (terms.spending().isPresent() && terms.spending().get().isReached()) {
      End end =
          outOfBudget(
              "the workspace has spent its cap of %.4f".formatted(terms.spending().get().cap()));
      return terms.closing().contains(ErrorCode.OUT_OF_BUDGET) ? closing(end) : end;
    }
    return null;
  }

  /**
   * Tokens of rows that earlier runs settled; those of splits committed in this run are in the
   * progress.
   */
  private Usage earlierUsage() {
    return book.counts().usage();
  }

  private static End closing(End end) {
    return new End(
        end.status(), end.message(), end.exitCode(), Optional.of(ErrorCode.BATCH_FAILED));
  }

  private boolean isCancelled() {
    if (terms.cancelled().getAsBoolean()) {
      return true;
    }
    if (time.nanos() - cancelLookedAt <= CANCEL_INTERVAL.toNanos()) {
      return false;
    }
    cancelLookedAt = time.nanos();
    try {
      return folder.isCancelRequested();
    } catch (StorageException e) {
      // A storage that is away for a moment ends no run; whether it can be written to, others see.
      LOG.warn("Whether the job is to be cancelled is looked at again: {}", e.getMessage());
      return false;
    }
  }

  private static End outOfBudget(String how) {
    return new End(
        JobStatus.OUT_OF_BUDGET,
        "Out of budget: "
            + how
            + ". What was answered is saved; raise the cap and give the same command again.",
        JobStatus.OUT_OF_BUDGET.exitCode());
  }
}

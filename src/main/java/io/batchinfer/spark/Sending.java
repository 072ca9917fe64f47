package io.batchinfer.spark;

import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.RunAuthority;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.SplitLedger;
import io.batchinfer.estimate.ModelPrice;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
import io.batchinfer.job.RunListener.RunProgress;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.model.Usage;
import io.batchinfer.quota.Budget;
import io.batchinfer.quota.EndpointQuota;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaAuthority.StopReason;
import io.batchinfer.quota.QuotaLimits;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.storage.StorageException;
import io.batchinfer.time.SystemTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/** The sending stage: keeps workers going on the cluster and watches what may end it. */
final class Sending {
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(100);
  private static final Duration CANCEL_INTERVAL = Duration.ofSeconds(1);
  private static final Duration RECORD_INTERVAL = Duration.ofSeconds(5);
  private static final int SUBMISSIONS_WITHOUT_PROGRESS = 3;

  /** Failed rows that end a job without a single success. */
  private static final int FAILURES_WITHOUT_SUCCESS = 100;

  /** A job with fewer failed rows is rather brought to its end. */
  private static final int FAILURES_THAT_MATTER = 500;

  private final JavaSparkContext context;
  private final JobRequest request;
  private final ResolvedOptions options;
  private final JobFolder folder;
  private final Ownership ownership;
  private final SystemTime time;
  private final Plan plan;
  private final Hash128 jobHash;
  private final SplitLedger ledger;
  private final RunControl control;
  private final RunListener listener;
  private final RunBook book;
  private final QuotaAuthority quota;
  private long startedAt;
  private long nanos;
  private long cancelLookedAt;
  private long recordWrittenAt;

  Sending(
      JavaSparkContext context,
      JobRequest request,
      JobFolder folder,
      Ownership ownership,
      SystemTime time,
      Plan plan,
      Hash128 jobHash,
      SplitLedger ledger,
      RunControl control,
      RunListener listener,
      RunBook book) {
    this.context = context;
    this.request = request;
    this.options = request.options();
    this.folder = folder;
    this.ownership = ownership;
    this.time = time;
    this.plan = plan;
    this.jobHash = jobHash;
    this.ledger = ledger;
    this.control = control;
    this.listener = listener;
    this.book = book;
    QuotaLimits limits =
        new QuotaLimits(
            options.find(Options.CONCURRENCY).orElse(0),
            options.find(Options.REQUESTS_PER_MINUTE).orElse(0L),
            options.find(Options.TOKENS_PER_MINUTE).orElse(0L),
            options.get(Options.MAX_COOL_DOWN));
    this.quota =
        new QuotaAuthority(
            new EndpointQuota(limits, time, time),
            1,
            budgets(),
            OwnershipTiming.DEFAULT.fence(),
            options.get(Options.REQUEST_TIMEOUT).plus(OwnershipTiming.DEFAULT.fence()),
            ownership::isValid);
  }

  /** What the caps leave after what earlier runs of the job spent. */
  private List<Budget> budgets() {
    List<Budget> budgets = new ArrayList<>();
    Usage spent = earlierUsage();
    options
        .find(Options.MAX_TOTAL_TOKENS)
        .ifPresent(cap -> budgets.add(new Budget(cap - spent.total(), 1, 1)));
    Optional<Double> maxCost = options.find(Options.MAX_COST);
    if (maxCost.isPresent() && request.price().isPresent()) {
      ModelPrice price = request.price().get();
      budgets.add(
          new Budget(
              maxCost.get() - price.cost(spent).doubleValue(),
              price.cost(new Usage(1, 0)).doubleValue(),
              price.cost(new Usage(0, 1)).doubleValue()));
    }
    return budgets;
  }

  /**
   * Why sending ended before every row was settled by an answer.
   *
   * @param closesRows whether the open rows were settled with a code of their own
   */
  record End(JobStatus status, String message, int exitCode, boolean closesRows) {}

  /** Seconds that sending took, to the millisecond as they are stored. */
  double seconds() {
    return Duration.ofNanos(nanos).toMillis() / 1e3;
  }

  /** Sends until all rows are settled, which is null, or until something ends it. */
  @Nullable End run() {
    String token = UUID.randomUUID().toString();
    String endpointName = "batchinfer-" + UUID.randomUUID();
    RunAuthority authority =
        new RunAuthority(token, request.secrets(), ledger, quota, ownership::isValid);
    startedAt = time.nanos();
    recordWrittenAt = startedAt;
    try (AuthorityEndpoint endpoint =
            new AuthorityEndpoint(SparkEnv.get().rpcEnv(), endpointName, authority);
        ExecutorDeaths deaths =
            new ExecutorDeaths(context.sc(), ledger::died, authority::processEnded)) {
      End end = reasonToEnd();
      if (end == null) {
        end = submitUntilDone(token, endpointName, true);
      }
      if (end != null && end.status() == JobStatus.OUT_OF_BUDGET) {
        // What was under way has ended since.
        @Nullable End drained = overBudget();
        end = drained == null ? end : drained;
      }
      nanos = time.nanos() - startedAt;
      if (end != null && end.closesRows() && !ledger.isComplete()) {
        ledger.closeRowsWith(
            end.status() == JobStatus.CANCELLED
                ? ErrorCode.BATCH_CANCELLED
                : ErrorCode.BATCH_EXPIRED);
        submitUntilDone(token, endpointName, false);
      }
      return end;
    }
  }

  private @Nullable End submitUntilDone(String token, String endpointName, boolean watched) {
    int withoutProgress = 0;
    long settledBefore = -1;
    @Nullable End end = null;
    while (!ledger.isComplete()) {
      JavaFutureAction<Void> workers = submit(token, endpointName);
      end = watched ? watch(workers, end) : end;
      Optional<String> failure = outcome(workers);
      if (end != null || ledger.isComplete()) {
        break;
      }
      // Sending again what cannot be kept would only be paid for again.
      refuseStorageFailure(workers);
      long settled = quota.progress().settled() + ledger.committedSplits();
      withoutProgress = settled > settledBefore ? 0 : withoutProgress + 1;
      settledBefore = settled;
      if (withoutProgress >= SUBMISSIONS_WITHOUT_PROGRESS) {
        throw new BatchException(
            ErrorCode.STORAGE_FAILED,
            "The workers ended without finishing, %d times without settling a row%s. What was settled is saved; mend the cause and give the same command again."
                .formatted(withoutProgress, failure.map(cause -> ": " + cause).orElse("")));
      }
      failure.ifPresent(
          cause ->
              listener.notice("The workers' stage ended (" + cause + "); it is submitted again."));
    }
    return ledger.isComplete() && end != null && !end.closesRows() ? null : end;
  }

  private JavaFutureAction<Void> submit(String token, String endpointName) {
    int pending = plan.splits().size() - ledger.committedSplits();
    int slots = context.defaultParallelism();
    int workers =
        Math.max(1, Math.min(pending, context.isLocal() ? slots : Math.max(8, slots * 2)));
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      numbers.add(i);
    }
    WorkerTask task =
        new WorkerTask(
            new HashMap<>(new RunSpec(options, jobHash, folder.root()).optionStrings()),
            jobHash.hex(),
            folder.root(),
            RunSpec.idempotencySeed(options, jobHash, book.generation()),
            ownership.epoch(),
            token,
            endpointName);
    return context.parallelize(numbers, workers).foreachPartitionAsync(task);
  }

  private @Nullable End watch(Future<Void> workers, @Nullable End already) {
    @Nullable End end = already;
    long drainUntil = Long.MAX_VALUE;
    while (!workers.isDone()) {
      time.pause(WATCH_INTERVAL);
      tell();
      writeRecord();
      if (end == null) {
        end = reasonToEnd();
        if (end != null) {
          ledger.close();
          quota.drain();
          drainUntil = time.nanos() + options.get(Options.DRAIN_TIMEOUT).toNanos();
        }
      } else if (time.nanos() > drainUntil) {
        workers.cancel(true);
        drainUntil = Long.MAX_VALUE;
      }
    }
    tell();
    return end == null ? reasonToEnd() : end;
  }

  private static Optional<String> outcome(Future<Void> workers) {
    try {
      workers.get();
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(rootMessage(e));
    } catch (CancellationException e) {
      return Optional.of("cancelled");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }

  private static void refuseStorageFailure(Future<Void> workers) {
    try {
      workers.get();
    } catch (ExecutionException | CancellationException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof StorageException) {
          throw new BatchException(
              ErrorCode.STORAGE_FAILED,
              "%s Sending stopped at once, since an answer that cannot be kept is paid for in vain. What was saved before stays; mend the cause and give the same command again."
                  .formatted(cause.getMessage()),
              cause);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The first line that says something, innermost first. */
  private static String rootMessage(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = String.valueOf(cause.getMessage());
    for (String marker :
        List.of(BatchException.class.getName() + ": ", StorageException.class.getName() + ": ")) {
      int at = message.indexOf(marker);
      if (at >= 0) {
        return firstLine(message.substring(at + marker.length()));
      }
    }
    return firstLine(message);
  }

  private static String firstLine(String text) {
    int lineEnd = text.indexOf('\n');
    return lineEnd < 0 ? text : text.substring(0, lineEnd);
  }

  private @Nullable End reasonToEnd() {
    if (ledger.isComplete()) {
      return null;
    }
    Optional<StopReason> stop = quota.stopReason();
    if (stop.isPresent()) {
      return StopMessages.end(stop.get(), options);
    }
    if (control.isInterrupted()) {
      return new End(
          JobStatus.INTERRUPTED,
          "Interrupted. What was answered is saved; the same command goes on where this one"
              + " stopped.",
          control.exitCode(),
          false);
    }
    if (ownership.isLost()) {
      return new End(JobStatus.INTERRUPTED, "Another run took over.", 7, false);
    }
    if (time.nanos() - cancelLookedAt > CANCEL_INTERVAL.toNanos()) {
      cancelLookedAt = time.nanos();
      if (folder.isCancelRequested()) {
        return new End(
            JobStatus.CANCELLED,
            "Cancelled; rows without an answer are in errors/ as batch_cancelled. --resume runs"
                + " them.",
            JobStatus.CANCELLED.exitCode(),
            true);
      }
    }
    Optional<Double> hours = options.find(Options.TIMEOUT_HOURS);
    if (hours.isPresent()
        && Duration.between(book.timeFrom(), Instant.now()).toMillis() > hours.get() * 3_600_000) {
      return new End(
          JobStatus.EXPIRED,
          "The job's %s hours ran out; rows without an answer are in errors/ as batch_expired. --resume or a longer --timeout-hours runs them."
              .formatted(hours.get()),
          JobStatus.EXPIRED.exitCode(),
          true);
    }
    @Nullable End budget = overBudget();
    return budget == null ? tooManyFailures() : budget;
  }

  /** Once the rows that were sent and failed are too many, the rest would only cost more. */
  private @Nullable End tooManyFailures() {
    Progress progress = quota.progress();
    // Who asks for failed rows to be run again has seen to the cause of those before.
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
        JobStatus.FAILED.exitCode(),
        false);
  }

  private @Nullable End overBudget() {
    Usage usage = quota.usage().plus(earlierUsage());
    Optional<Long> maxTokens = options.find(Options.MAX_TOTAL_TOKENS);
    if (maxTokens.isPresent() && usage.total() >= maxTokens.get()) {
      return outOfBudget(
          "%d tokens are used, with what was under way when the cap --max-total-tokens of %d was reached"
              .formatted(usage.total(), maxTokens.get()));
    }
    Optional<Double> maxCost = options.find(Options.MAX_COST);
    if (maxCost.isPresent() && request.price().isPresent()) {
      double cost = request.price().get().cost(usage).doubleValue();
      if (cost >= maxCost.get()) {
        return outOfBudget(
            "%.4f is spent, with what was under way when the cap --max-cost of %.4f was reached"
                .formatted(cost, maxCost.get()));
      }
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

  private static End outOfBudget(String how) {
    return new End(
        JobStatus.OUT_OF_BUDGET,
        "Out of budget: "
            + how
            + ". What was answered is saved; raise the cap and give the same command again.",
        JobStatus.OUT_OF_BUDGET.exitCode(),
        false);
  }

  /** Lets other machines see how far the job is. */
  private void writeRecord() {
    if (!ownership.isValid() || time.nanos() - recordWrittenAt < RECORD_INTERVAL.toNanos()) {
      return;
    }
    recordWrittenAt = time.nanos();
    try {
      book.writeProgress(ledger.counts(), (time.nanos() - startedAt) / 1e9);
    } catch (StorageException e) {
      listener.notice(String.valueOf(e.getMessage()));
    }
  }

  private void tell() {
    quota.takeNotes().forEach(listener::notice);
    Progress progress = quota.progress();
    listener.progress(
        new RunProgress(
            plan.rows(),
            Math.min(plan.rows(), book.resumedRequests() + progress.settled()),
            progress.failed(),
            quota.inFlight(),
            progress.promptTokens(),
            progress.completionTokens(),
            Duration.ofNanos(time.nanos() - startedAt),
            quota.coolDown()));
  }
}

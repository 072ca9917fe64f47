package io.batchinfer.spark;

import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.lead.EndReasons;
import io.batchinfer.engine.lead.EndReasons.End;
import io.batchinfer.engine.lead.EndpointWait;
import io.batchinfer.engine.lead.JobPrices;
import io.batchinfer.engine.lead.JobRecorder;
import io.batchinfer.engine.lead.RunAuthority;
import io.batchinfer.engine.lead.RunConstraints;
import io.batchinfer.engine.lead.RunInterrupt;
import io.batchinfer.engine.lead.SharedQuotas;
import io.batchinfer.engine.lead.SplitLedger;
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
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.storage.StorageException;
import io.batchinfer.time.SystemTime;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
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

/**
 * The sending stage: keeps workers going on the cluster and watches what may end it. Has its share
 * of the endpoint until it is closed.
 */
final class Sending implements AutoCloseable {
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(100);
  private static final Duration RECORD_INTERVAL = Duration.ofSeconds(5);
  private static final int SUBMISSIONS_WITHOUT_PROGRESS = 3;

  private final JavaSparkContext context;
  private final ResolvedOptions options;
  private final JobFolder folder;
  private final Ownership ownership;
  private final SystemTime time;
  private final Plan plan;
  private final Hash128 jobHash;
  private final JobPrices prices;
  private final SplitLedger ledger;
  private final RunInterrupt control;
  private final RunConstraints terms;
  private final RunListener listener;
  private final JobRecorder book;
  private final QuotaAuthority quota;
  private final EndReasons reasons;
  private final String token = UUID.randomUUID().toString();
  private final RunAuthority authority;
  private final EndpointWait endpointWait;
  private long startedAt;
  private long nanos;
  private long recordWrittenAt;

  Sending(
      JavaSparkContext context,
      JobRequest request,
      JobFolder folder,
      Ownership ownership,
      SystemTime time,
      Plan plan,
      Hash128 jobHash,
      JobPrices prices,
      SplitLedger ledger,
      RunInterrupt control,
      RunConstraints terms,
      RunListener listener,
      JobRecorder book) {
    this.context = context;
    this.options = request.options();
    this.folder = folder;
    this.ownership = ownership;
    this.time = time;
    this.plan = plan;
    this.jobHash = jobHash;
    this.prices = prices;
    this.ledger = ledger;
    this.control = control;
    this.terms = terms;
    this.listener = listener;
    this.book = book;
    this.quota =
        new QuotaAuthority(
            terms
                .endpoint()
                .orElseGet(() -> new EndpointQuota(SharedQuotas.limits(options), time, time)),
            terms.group(),
            budgets(),
            OwnershipTiming.DEFAULT.fence(),
            options.get(Options.REQUEST_TIMEOUT).plus(OwnershipTiming.DEFAULT.fence()),
            ownership::isValid);
    this.authority = new RunAuthority(token, request.secrets(), ledger, quota, ownership::isValid);
    this.endpointWait = new EndpointWait(options, Clock.system(ZoneId.systemDefault()));
    options.find(Options.WAIT_FOR_ENDPOINT).ifPresent(quota::waitForEndpoint);
    this.reasons =
        new EndReasons(options, folder, ownership, time, plan, ledger, control, terms, book, quota);
  }

  /** What the caps leave after what earlier runs of the job spent. */
  private List<Budget> budgets() {
    List<Budget> budgets = new ArrayList<>();
    Usage spent = book.counts().usage();
    options
        .find(Options.MAX_TOTAL_TOKENS)
        .ifPresent(cap -> budgets.add(new Budget(cap - spent.total(), Budget.Unit.TOKENS)));
    options
        .find(Options.MAX_COST)
        .ifPresent(cap -> budgets.add(new Budget(cap - spent.cost().amount(), Budget.Unit.MONEY)));
    terms.spending().ifPresent(share -> budgets.add(new Budget(share)));
    return budgets;
  }

  /** As last reported. From any thread. */
  int requestsUnderWay() {
    return quota.inFlight();
  }

  /** Seconds that sending took, to the millisecond as they are stored. */
  double seconds() {
    return Duration.ofNanos(nanos).toMillis() / 1e3;
  }

  /** Sends until all rows are settled, which is null, or until something ends it. */
  @Nullable End run() {
    String endpointName = "batchinfer-" + UUID.randomUUID();
    startedAt = time.nanos();
    recordWrittenAt = startedAt;
    control.whenInterrupted(() -> {});
    try (AuthorityEndpoint endpoint =
            new AuthorityEndpoint(
                SparkEnv.get().rpcEnv(), endpointName, authority::answer, control::broke);
        ExecutorDeaths deaths =
            new ExecutorDeaths(
                context.sc(), ledger::died, authority::processEnded, control::broke)) {
      End end = reasons.reasonToEnd();
      if (end == null) {
        end = submitUntilDone(token, endpointName, true);
      }
      if (end != null && end.status() == JobStatus.OUT_OF_BUDGET) {
        // What was under way has ended since.
        @Nullable End drained = reasons.overBudget();
        end = drained == null ? end : drained;
      }
      nanos = time.nanos() - startedAt;
      if (end != null && end.closesRows() && !ledger.isComplete()) {
        ledger.closeRowsWith(end.openRows().orElseThrow());
        @Nullable End before = submitUntilDone(token, endpointName, false);
        end = ledger.isComplete() || before == null ? end : before;
      }
      return end;
    }
  }

  @Override
  public void close() {
    quota.close();
  }

  private @Nullable End submitUntilDone(String token, String endpointName, boolean watched) {
    int withoutProgress = 0;
    long settledBefore = -1;
    @Nullable End end = null;
    while (!ledger.isComplete()) {
      JavaFutureAction<Void> workers = submit(token, endpointName);
      end = watch(workers, watched);
      Optional<String> failure = outcome(workers);
      if (end != null || ledger.isComplete()) {
        break;
      }
      refuseOtherBuild();
      refuseUnreadableJournal();
      // Sending again what cannot be kept would only be paid for again.
      refuseLastingFailure(workers);
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
    int wanted = terms.workers().applyAsInt(context.isLocal() ? slots : Math.max(8, slots * 2));
    int workers = Math.max(1, Math.min(pending, wanted));
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      numbers.add(i);
    }
    WorkerTask task =
        new WorkerTask(
            new HashMap<>(options.asStrings()),
            jobHash.hex(),
            folder.root(),
            RunSpec.idempotencySeed(options, jobHash, book.generation()),
            prices.pricing().text(),
            ownership.epoch(),
            token,
            endpointName);
    return context.parallelize(numbers, workers).foreachPartitionAsync(task);
  }

  /**
   * Waits for the workers' end, or brings it about.
   *
   * @param sending whether rows are sent, which many reasons can end; otherwise only an interrupt
   */
  private @Nullable End watch(Future<Void> workers, boolean sending) {
    @Nullable End end = null;
    long drainUntil = Long.MAX_VALUE;
    boolean watched = false;
    try {
      while (!workers.isDone()) {
        time.pause(WATCH_INTERVAL);
        boolean interrupted = control.hearInterrupt();
        tell();
        writeRecord();
        if (end == null) {
          end = interrupted ? reasons.interrupted() : reasonToEnd(sending);
          if (end != null) {
            drainUntil = time.nanos() + options.get(Options.DRAIN_TIMEOUT).toNanos();
            if (sending) {
              ledger.close();
              quota.drain();
            }
          }
        }
        if (end != null && (time.nanos() > drainUntil || (sending && isNothingUnderWay()))) {
          workers.cancel(true);
          drainUntil = Long.MAX_VALUE;
        }
      }
      tell();
      end = end == null ? reasonToEnd(sending) : end;
      watched = true;
      return end;
    } finally {
      if (!watched) {
        // Whatever went wrong here, no worker may go on without anybody who watches it.
        ledger.close();
        quota.drain();
        workers.cancel(true);
      }
    }
  }

  private @Nullable End reasonToEnd(boolean sending) {
    if (!sending) {
      return control.isInterrupted() ? reasons.interrupted() : null;
    }
    return reasons.reasonToEnd();
  }

  /** A cluster without room has workers that never began; there is nothing to wait for. */
  private boolean isNothingUnderWay() {
    return quota.inFlight() == 0 && !ledger.isAtWork();
  }

  private Optional<String> outcome(Future<Void> workers) {
    try {
      workers.get();
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(rootMessage(e));
    } catch (CancellationException e) {
      return Optional.of("cancelled");
    } catch (InterruptedException e) {
      control.heardInterrupt();
      return Optional.of("interrupted");
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

  /** Stops where the same workers would only fail again. */
  private void refuseLastingFailure(Future<Void> workers) {
    try {
      workers.get();
    } catch (ExecutionException | CancellationException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof BatchException known
            && (known.code() == ErrorCode.USAGE || known.code() == ErrorCode.INTERNAL)) {
          throw known;
        }
        if (cause instanceof StorageException) {
          throw new BatchException(
              ErrorCode.STORAGE_FAILED,
              "%s Sending stopped at once, since an answer that cannot be kept is paid for in vain. What was saved before stays; mend the cause and give the same command again."
                  .formatted(cause.getMessage()),
              cause);
        }
      }
    } catch (InterruptedException e) {
      control.heardInterrupt();
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

  /** Lets other machines see how far the job is. */
  private void writeRecord() {
    if (!ownership.isValid() || time.nanos() - recordWrittenAt < RECORD_INTERVAL.toNanos()) {
      return;
    }
    recordWrittenAt = time.nanos();
    try {
      book.writeProgress(
          settledAsRecorded(),
          (time.nanos() - startedAt) / 1e9,
          endpointWait.words(quota.waiting()));
    } catch (StorageException e) {
      listener.notice(String.valueOf(e.getMessage()));
    }
  }

  /** What earlier runs settled and what workers told of, whether or not its parts are published. */
  private Counts settledSoFar(Progress progress) {
    return book.counts()
        .plus(
            new Counts(
                progress.settled() - progress.failed(),
                progress.failed(),
                progress.attempts(),
                0,
                0,
                progress.usage(),
                progress.errors()));
  }

  /** The same, with what only published parts tell. */
  private Counts settledAsRecorded() {
    Counts settled = settledSoFar(quota.progress());
    Counts published = ledger.counts();
    return new Counts(
        settled.succeeded(),
        settled.failed(),
        settled.attempts(),
        Math.max(settled.mayHaveRun(), published.mayHaveRun()),
        settled.marks().atLeast(published.marks()),
        settled.usage(),
        settled.errors());
  }

  private void tell() {
    quota.takeNotes().forEach(listener::notice);
    authority.takeNotices().forEach(listener::notice);
    Progress progress = quota.progress();
    Counts counts = settledSoFar(progress);
    Usage usage = counts.usage();
    listener.progress(
        new RunProgress(
            plan.rows(),
            Math.min(plan.rows(), book.resumedRequests() + progress.settled()),
            counts.failed(),
            quota.inFlight(),
            usage.promptTokens(),
            usage.completionTokens(),
            counts.errors(),
            prices.known(usage).orElse(null),
            progress.latencies(),
            Duration.ofNanos(time.nanos() - startedAt),
            quota.coolDown(),
            endpointWait.words(quota.waiting())));
  }
}

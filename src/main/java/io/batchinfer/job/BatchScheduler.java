package io.batchinfer.job;

import io.batchinfer.job.JobRun.Outcome;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchJob.Problem;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.ProgressPoint;
import io.batchinfer.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes up the jobs of a registry: several at a time, the workspace that has the fewest running
 * first, and within it the oldest. A job whose end was asked for or whose time is over does not
 * wait for a place, since it sends nothing. Thread-safe.
 */
public final class BatchScheduler implements AutoCloseable {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(10);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(10);
  private static final int SIGTERM = 143;

  /** Jobs without a place of their own that may be on their way to their end. */
  private static final int ENDING = 4;

  private final BatchRegistry registry;
  private final BatchRunners runners;
  private final InputCheck check;
  private final IntSupplier mostRunning;
  private final int mostRunningOfWorkspace;
  private final Consumer<String> log;
  private final Map<String, Running> running = new HashMap<>();
  private final Map<String, Retry> retries = new HashMap<>();
  private final Thread thread;
  private boolean closing;
  private boolean changed = true;

  private record Running(BatchJob job, JobRun run, Thread thread, Timeline timeline) {}

  private record Retry(long atMillis, Duration pause) {}

  /**
   * @param mostRunning jobs that run at the same time; more wait; asked again and again
   * @param mostRunningOfWorkspace jobs of one workspace among them
   * @param log what the operator should know
   */
  public BatchScheduler(
      BatchRegistry registry,
      BatchRunners runners,
      InputCheck check,
      IntSupplier mostRunning,
      int mostRunningOfWorkspace,
      Consumer<String> log) {
    this.registry = registry;
    this.runners = runners;
    this.check = check;
    this.mostRunning = mostRunning;
    this.mostRunningOfWorkspace = mostRunningOfWorkspace;
    this.log = log;
    this.thread = new Thread(this::work, "batchinfer-jobs");
    this.thread.setDaemon(true);
  }

  /** Begins to take jobs up, those of an earlier service among them. */
  public void start() {
    thread.start();
  }

  /** Looks at the registry again at once. */
  public synchronized void wake() {
    changed = true;
    notifyAll();
  }

  /** Jobs that a run is at work on. */
  public synchronized int runningJobs() {
    return running.size();
  }

  /** How a job went over time, as far as it is known. */
  public List<ProgressPoint> points(BatchJob job) {
    Running now;
    synchronized (this) {
      now = running.get(job.id());
    }
    return (now == null ? timeline(job) : now.timeline()).points();
  }

  private Timeline timeline(BatchJob job) {
    BatchStore store = registry.store();
    return Timeline.open(store.files(), store.timeline(job.workspace(), job.id()));
  }

  private void work() {
    while (true) {
      synchronized (this) {
        while (!changed && !closing) {
          try {
            wait(LOOK_AGAIN.toMillis());
          } catch (InterruptedException e) {
            return;
          }
          break;
        }
        if (closing) {
          return;
        }
        changed = false;
        for (@Nullable BatchJob next = next(); next != null; next = next()) {
          begin(next);
        }
      }
    }
  }

  private @Nullable BatchJob next() {
    long now = registry.nowMillis();
    List<BatchJob> waiting = new ArrayList<>();
    for (BatchJob job : registry.unfinished()) {
      Retry retry = retries.get(job.id());
      boolean ending = isEnding(job, now);
      if (!running.containsKey(job.id()) && (ending || retry == null || retry.atMillis() <= now)) {
        waiting.add(job);
      }
    }
    int most = mostRunning.getAsInt();
    Map<String, Integer> runningOf = new HashMap<>();
    for (Running each : running.values()) {
      runningOf.merge(each.job().workspace(), 1, Integer::sum);
    }
    return waiting.stream()
        .filter(
            job ->
                isEnding(job, now)
                    ? running.size() < most + ENDING
                    : running.size() < most
                        && runningOf.getOrDefault(job.workspace(), 0) < mostRunningOfWorkspace)
        .min(
            Comparator.comparing((BatchJob job) -> !isEnding(job, now))
                // A job that was taken up once goes on before a new one begins.
                .thenComparing(job -> job.state().status() == BatchStatus.QUEUED)
                .thenComparing(job -> runningOf.getOrDefault(job.workspace(), 0))
                .thenComparing(job -> job.spec().createdMillis())
                .thenComparing(BatchJob::id))
        .orElse(null);
  }

  private static boolean isEnding(BatchJob job, long nowMillis) {
    return job.state().status() == BatchStatus.CANCELLATION_REQUESTED
        || job.spec().deadlineMillis() <= nowMillis;
  }

  private void begin(BatchJob job) {
    Timeline timeline;
    try {
      timeline = timeline(job);
    } catch (StorageException e) {
      // The storage may be back later; the other jobs do not wait for it.
      log.accept("Job " + job.id() + " is postponed: " + e.getMessage());
      ended(job, Outcome.POSTPONED);
      return;
    }
    JobRun run = new JobRun(registry, runners, job, timeline, log);
    Thread worker = new Thread(() -> work(job, run), "job-" + job.id());
    worker.setDaemon(true);
    running.put(job.id(), new Running(job, run, worker, timeline));
    worker.start();
  }

  private void work(BatchJob job, JobRun run) {
    Outcome outcome = Outcome.POSTPONED;
    try {
      outcome = checked(job) ? run.run() : Outcome.ENDED;
    } catch (StorageException e) {
      log.accept("Job " + job.id() + " is postponed: " + e.getMessage());
    } catch (RuntimeException e) {
      log.accept("Job " + job.id() + " failed by a defect of this program: " + e);
      outcome = failed(job, e);
    } finally {
      ended(job, outcome);
    }
  }

  /** Refuses a job whose API promises to look at the whole input before it begins. */
  private boolean checked(BatchJob job) {
    if (job.spec().dialect() != Dialect.OPENAI || job.state().startedMillis() != null) {
      return true;
    }
    InputCheck.Finding finding = check.check(job);
    registry.change(
        job.workspace(),
        job.id(),
        state -> state.change().model(finding.model()).total(finding.lines()).made());
    if (finding.problems().isEmpty()) {
      return true;
    }
    registry.change(
        job.workspace(),
        job.id(),
        state ->
            state
                .change()
                .ended(endOfRefused(state.status()), registry.nowMillis())
                .problems(finding.problems())
                .made());
    return false;
  }

  /** What was being cancelled ends as cancelled, as its caller was told. */
  private static BatchStatus endOfRefused(BatchStatus status) {
    return status == BatchStatus.CANCELLATION_REQUESTED
        ? BatchStatus.CANCELLED
        : BatchStatus.FAILED;
  }

  private Outcome failed(BatchJob job, RuntimeException defect) {
    Problem problem =
        new Problem(
            ErrorCode.INTERNAL.code(),
            "A defect of the service ended the job: " + defect + ". What was answered is saved.",
            null,
            null,
            1);
    try {
      registry.change(
          job.workspace(),
          job.id(),
          state ->
              state
                  .change()
                  .ended(BatchStatus.FAILED, registry.nowMillis())
                  .problems(List.of(problem))
                  .made());
      return Outcome.ENDED;
    } catch (StorageException e) {
      log.accept("Job " + job.id() + " is postponed: " + e.getMessage());
      return Outcome.POSTPONED;
    }
  }

  private synchronized void ended(BatchJob job, Outcome outcome) {
    running.remove(job.id());
    if (outcome == Outcome.POSTPONED) {
      Duration pause =
          Optional.ofNullable(retries.get(job.id()))
              .map(before -> before.pause().multipliedBy(2))
              .orElse(FIRST_RETRY);
      pause = pause.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : pause;
      retries.put(job.id(), new Retry(registry.nowMillis() + pause.toMillis(), pause));
    } else {
      retries.remove(job.id());
    }
    changed = true;
    notifyAll();
  }

  /**
   * Lets no job begin any more, asks the running ones to save what they have, and waits for them.
   * Their state stays, so that the next service goes on with them.
   */
  @Override
  public void close() {
    List<Running> last;
    synchronized (this) {
      closing = true;
      last = List.copyOf(running.values());
      notifyAll();
    }
    last.forEach(each -> each.run().interrupt(SIGTERM));
    try {
      for (Running each : last) {
        each.thread().join();
      }
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package io.batchinfer.schedule;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.ProgressPoint;
import io.batchinfer.schedule.RunningJob.Outcome;
import io.batchinfer.storage.StorageException;
import io.batchinfer.store.BatchRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes up the jobs of a registry: several at a time, the workspace that has the fewest running
 * first, and within it the oldest. A few jobs whose end was asked for or whose time is up need no
 * place, since they send nothing. Thread-safe.
 */
public final class BatchScheduler implements AutoCloseable {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
  private static final int SIGTERM = 143;

  /** Jobs without a place of their own that may be on their way to their end. */
  private static final int ENDING = 4;

  private final BatchRegistry registry;
  private final BatchRunners runners;
  private final InputCheck check;
  private final IntSupplier mostRunning;
  private final int mostRunningOfWorkspace;
  private final Consumer<String> log;

  @GuardedBy("this")
  private final Map<String, Running> running = new HashMap<>();

  private final Retries retries;

  /** Holds a permit when there may be something to begin; event loops give them. */
  private final Semaphore news = new Semaphore(1);

  private final Thread thread;
  private volatile boolean closing;

  private record Running(BatchJob job, RunningJob run, Thread thread, boolean ending) {}

  /**
   * @param mostRunning how many jobs run at the same time, while others wait; read whenever it
   *     matters
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
    this.retries = new Retries(registry::nowMillis);
    this.thread = new Thread(this::work, "batchinfer-jobs");
    this.thread.setDaemon(true);
  }

  /** Begins to take jobs up, those of an earlier service among them. */
  public void start() {
    thread.start();
  }

  /** Whether it takes jobs up: false once it has stopped for whatever reason. */
  public boolean isAtWork() {
    return thread.getState() == Thread.State.NEW || thread.isAlive();
  }

  /** Looks at the registry again at once. Never waits. */
  public void wake() {
    news.release();
  }

  /** Jobs that a run is working on. */
  public synchronized int runningJobs() {
    return running.size();
  }

  /** How a job went over time, as far as it is known. */
  public List<ProgressPoint> points(BatchJob job) {
    Running now;
    synchronized (this) {
      now = running.get(job.id());
    }
    return JobPoints.of(registry.store(), job, now == null ? Optional.empty() : now.run().latest());
  }

  private void work() {
    String said = "";
    while (!closing) {
      try {
        news.tryAcquire(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        news.drainPermits();
        beginAll();
        said = "";
      } catch (InterruptedException e) {
        return;
      } catch (Throwable e) {
        // The other jobs, and those to come, must not stay behind for it: even when, say, no thread
        // could be made for one.
        String words = "Jobs cannot be taken up at the moment: " + e;
        if (!words.equals(said)) {
          log.accept(words);
        }
        said = words;
      }
    }
  }

  private synchronized void beginAll() {
    for (@Nullable BatchJob next = next(); next != null && !closing; next = next()) {
      begin(next);
    }
  }

  @GuardedBy("this")
  private @Nullable BatchJob next() {
    long now = registry.nowMillis();
    int most = mostRunning.getAsInt();
    int ending = 0;
    Map<String, Integer> placesOf = new HashMap<>();
    Map<String, Integer> runningOf = new HashMap<>();
    for (Running each : running.values()) {
      ending += each.ending() ? 1 : 0;
      placesOf.merge(each.job().workspace(), each.ending() ? 0 : 1, Integer::sum);
      runningOf.merge(each.job().workspace(), 1, Integer::sum);
    }
    boolean placesForEnding = ending < ENDING;
    boolean places = running.size() - ending < most;
    List<BatchJob> eligible = new ArrayList<>();
    for (BatchJob job : registry.unfinished()) {
      boolean may =
          isEnding(job, now)
              ? placesForEnding
              : places && placesOf.getOrDefault(job.workspace(), 0) < mostRunningOfWorkspace;
      if (may && !running.containsKey(job.id()) && retries.isDue(job.id(), isEnding(job, now))) {
        eligible.add(job);
      }
    }
    return eligible.stream()
        .min(
            Comparator.comparing((BatchJob job) -> runningOf.getOrDefault(job.workspace(), 0))
                // A job that was taken up once goes on before a new one begins.
                .thenComparing(job -> job.state().status() == BatchStatus.QUEUED)
                .thenComparing(job -> job.spec().createdMillis())
                .thenComparing(BatchJob::id))
        .orElse(null);
  }

  private static boolean isEnding(BatchJob job, long nowMillis) {
    return job.state().status() == BatchStatus.CANCELLATION_REQUESTED
        || job.spec().deadlineMillis() <= nowMillis;
  }

  @GuardedBy("this")
  private void begin(BatchJob job) {
    boolean ending = isEnding(job, registry.nowMillis());
    RunningJob run = new RunningJob(registry, runners, job, ending, log);
    Thread worker = new Thread(() -> work(job, run, ending), "job-" + job.id());
    worker.setDaemon(true);
    running.put(job.id(), new Running(job, run, worker, ending));
    boolean begun = false;
    try {
      worker.start();
      begun = true;
    } finally {
      if (!begun) {
        running.remove(job.id());
        retries.postpone(job.id(), false, false);
      }
    }
  }

  private void work(BatchJob job, RunningJob run, boolean ending) {
    Outcome outcome = Outcome.POSTPONED;
    boolean defect = false;
    try {
      outcome = ending || checked(job) ? run.run() : Outcome.ENDED;
    } catch (StorageException | BatchException e) {
      log.accept("Job " + job.id() + " is tried again later: " + e.getMessage());
    } catch (Throwable e) {
      // Spark throws exceptions that it does not declare; a line may be too much for the heap.
      defect = true;
      boolean hopeless = !closing && retries.isHopeless(job.id());
      log.accept(
          "Job %s met a defect of this program and is %s: %s"
              .formatted(job.id(), hopeless ? "given up" : "tried again later", e));
      outcome = hopeless ? givenUp(job, run, e) : Outcome.POSTPONED;
    } finally {
      ended(job, outcome, run.hasSettledRows(), defect);
    }
  }

  private Outcome givenUp(BatchJob job, RunningJob run, Throwable failure) {
    try {
      return run.giveUp(failure);
    } catch (RuntimeException | Error e) {
      log.accept("Job " + job.id() + " cannot be ended now: " + e.getMessage());
      return Outcome.POSTPONED;
    }
  }

  /** Refuses a job whose API promises to look at the whole input before it begins. */
  private boolean checked(BatchJob job) {
    if (job.spec().creation().dialect() != Dialect.OPENAI
        || job.state().times().startedMillis() != null) {
      return true;
    }
    InputCheck.Finding finding = check.check(job);
    if (finding.problems().isEmpty()) {
      registry.change(
          job.workspace(),
          job.id(),
          state -> state.change().model(finding.model()).total(finding.lines()).made());
      return true;
    }
    registry.change(
        job.workspace(),
        job.id(),
        state ->
            state
                .change()
                .ended(
                    state.status() == BatchStatus.CANCELLATION_REQUESTED
                        ? BatchStatus.CANCELLED
                        : BatchStatus.FAILED,
                    registry.nowMillis())
                .problems(finding.problems())
                .made());
    return false;
  }

  private void ended(BatchJob job, Outcome outcome, boolean settledRows, boolean defect) {
    synchronized (this) {
      running.remove(job.id());
      if (outcome == Outcome.POSTPONED) {
        retries.postpone(job.id(), settledRows, defect);
      } else {
        retries.forget(job.id());
      }
    }
    wake();
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
    }
    wake();
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

package io.batchinfer.quota;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.client.Attempt;
import io.batchinfer.client.AttemptChannel;
import io.batchinfer.client.AttemptObserver;
import io.batchinfer.client.ReplicaChannel;
import io.batchinfer.client.Reply;
import io.batchinfer.policy.OutageVerdict;
import io.batchinfer.quota.Admission.Admitted;
import io.batchinfer.quota.Asking.Answer;
import io.batchinfer.quota.Asking.FollowUp;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/**
 * The executor's side of the shared limits: lets attempts out as far as grants reach, to the
 * replica with the fewest under way, and asks the authority for more. Attempts that wait are let
 * out by whichever thread brings the permit, usually the event loop that just finished another
 * attempt. Thread-safe.
 */
public final class QuotaSession implements AutoCloseable {
  /** How long a slot stays free after the endpoint had no room for an attempt. */
  private static final Duration WITHHELD = Duration.ofMillis(500);

  private final Elapsed elapsed;
  private final Ticker ticker;
  private final Scheduler scheduler;
  private final Supplier<Progress> progress;
  private final Asking asking;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final AttemptBook book;

  @GuardedBy("lock")
  private final Admission admission;

  @GuardedBy("lock")
  private final EarliestAlarm letOutAlarm;

  @GuardedBy("lock")
  private final Questions questions;

  private volatile Runnable onStop = () -> {};
  private volatile Consumer<Throwable> onFailure = unused -> {};
  private volatile Runnable onMoreSlots = () -> {};
  private volatile AttemptObserver observer = (replica, request, attempt, nanos) -> {};

  /**
   * @param id name of this process, unique among all runs
   * @param progress totals to report with every request
   * @param statedLimits what an answer's headers say of the endpoint's limits
   */
  public QuotaSession(
      String id,
      AuthorityPort port,
      Elapsed elapsed,
      Ticker ticker,
      Scheduler scheduler,
      Supplier<Progress> progress,
      Function<Reply, StatedLimits> statedLimits) {
    this.elapsed = elapsed;
    this.ticker = ticker;
    this.scheduler = scheduler;
    this.progress = progress;
    this.asking = new Asking(port, elapsed, ticker, scheduler, new Asker());
    this.book = new AttemptBook(statedLimits, ticker.nanos());
    this.admission = new Admission(book, elapsed, ticker);
    this.letOutAlarm = new EarliestAlarm(scheduler, this::letOutOnTime);
    this.questions = new Questions(id, book, admission);
  }

  /**
   * Begins to ask.
   *
   * @param whenStopped run once, when the authority lets nothing out any more
   * @param whenFailed is told what breaks the book-keeping; nothing is let out any more by then
   */
  public void start(Runnable whenStopped, Consumer<Throwable> whenFailed) {
    onStop = whenStopped;
    onFailure = whenFailed;
    asking.ask();
  }

  /** Whether a request may still be written: the fence has not run out. Cheap. */
  public boolean maySend() {
    Grant grant;
    synchronized (lock) {
      grant = admission.grant();
    }
    return !grant.isFenced(elapsed);
  }

  /** Whether the authority lets nothing out any more. */
  public boolean isStopped() {
    synchronized (lock) {
      return admission.isStopped();
    }
  }

  /** Lets nothing out any more, whatever the authority grants. */
  public void halt() {
    List<ReplicaGate.Judged> judged;
    synchronized (lock) {
      judged = admission.halt();
    }
    judged.forEach(ReplicaGate.Judged::complete);
  }

  /** Whether any attempt of this process was answered with success. */
  public boolean hasSucceeded() {
    synchronized (lock) {
      return book.hasSucceeded();
    }
  }

  /** Whether the authority has heard of every attempt and lets the run go on. */
  public boolean isReported() {
    if (asking.isOpen()) {
      return false;
    }
    synchronized (lock) {
      return !admission.grant().stopped() && book.isReported();
    }
  }

  /** Attempts that this process may have under way at once. */
  public int slots() {
    synchronized (lock) {
      return admission.balancer().slots();
    }
  }

  /** Attempts under way, those included whose end is just being taken in. */
  public int inFlight() {
    synchronized (lock) {
      return admission.inFlight();
    }
  }

  /** What this process has done for the run and has under way. Takes its lock for a moment. */
  public ProcessReading reading() {
    Progress now = progress.get();
    synchronized (lock) {
      return new ProcessReading(book.totals(now), admission.inFlight(), admission.waiting().size());
    }
  }

  /** Attempts that wait to be let out; they stay when nothing is let out any more. */
  public int waiting() {
    synchronized (lock) {
      return admission.waiting().size();
    }
  }

  /** Puts the limits in front of the replicas. To be called once, before {@link #start}. */
  public AttemptChannel limit(List<ReplicaChannel> replicas) {
    synchronized (lock) {
      admission.limit(replicas);
    }
    return (request, history) -> {
      WaitingRow entry = new WaitingRow(request, history);
      synchronized (lock) {
        admission.add(entry);
      }
      letOut();
      return entry.result();
    };
  }

  /**
   * Bounds attempts by the memory that their answers need, beside the limits. To be called before
   * {@link #start}.
   *
   * @param room how many more may go out while so many are under way; called under a lock
   * @param whenShort is told how many are under way when memory keeps the next one back
   */
  public void boundBy(IntUnaryOperator room, Consumer<Integer> whenShort) {
    synchronized (lock) {
      admission.boundBy(room, whenShort);
    }
  }

  /**
   * To be called before {@link #start}.
   *
   * @param listener is told that this process may have more attempts under way than before; called
   *     without a lock
   */
  public void onMoreSlots(Runnable listener) {
    onMoreSlots = listener;
  }

  /**
   * To be called before {@link #start}.
   *
   * @param watching is told of every attempt that was let out, when it has ended
   */
  public void observedBy(AttemptObserver watching) {
    observer = watching;
  }

  /** Lets out what memory had kept back, which may have become free. Cheap. */
  public void memoryIsFreed() {
    boolean waits;
    synchronized (lock) {
      waits = admission.isShortOfMemory();
    }
    if (waits) {
      letOut();
    }
  }

  private void letOut() {
    while (true) {
      Admitted next;
      synchronized (lock) {
        next = admission.next();
        if (next == null) {
          lookAgainInTime();
        }
      }
      if (next == null) {
        return;
      }
      send(next);
    }
  }

  @GuardedBy("lock")
  private void lookAgainInTime() {
    long now = ticker.nanos();
    long due = admission.lookAgainAt(now);
    if (due != Long.MAX_VALUE) {
      letOutAlarm.set(due, now);
    }
  }

  private void letOutOnTime() {
    synchronized (lock) {
      letOutAlarm.wentOff();
    }
    letOut();
  }

  private void send(Admitted admitted) {
    long began = ticker.nanos();
    CompletionStage<Attempt> attempt;
    try {
      attempt =
          admitted.target().replica().attempt(admitted.row().request(), admitted.row().history());
    } catch (Throwable thrown) {
      attempt = CompletableFuture.failedFuture(thrown);
    }
    attempt.whenComplete(
        (made, failure) -> ended(admitted, made == null ? Attempt.broken(failure) : made, began));
  }

  private void ended(Admitted admitted, Attempt attempt, long began) {
    synchronized (lock) {
      admission.endBegins();
    }
    boolean unjudged = false;
    try {
      unjudged = takeIn(admitted, attempt, began);
      letOut();
      if (!unjudged) {
        admitted.row().outages().judged(OutageVerdict.OWN, 0, false);
      }
    } catch (Throwable thrown) {
      failed(thrown);
    }
    if (!unjudged) {
      admitted.row().result().complete(attempt);
    }
    synchronized (lock) {
      admission.endTaken();
    }
    try {
      memoryIsFreed();
    } catch (Throwable thrown) {
      failed(thrown);
    }
  }

  /** Books an end and does what it calls for; returns whether the attempt waits for a verdict. */
  private boolean takeIn(Admitted admitted, Attempt attempt, long began) {
    observer.attempted(
        admitted.target().replica().name(),
        admitted.row().request(),
        attempt,
        ticker.nanos() - began);
    Admission.End end;
    synchronized (lock) {
      end = admission.ended(admitted, attempt, began);
    }
    if (end.isWithheld()) {
      scheduler.schedule(() -> giveBack(admitted.target()), WITHHELD);
    }
    if (end.isUrgent()) {
      asking.ask();
    }
    return end.isUnjudged();
  }

  /** What is not booked rightly must not be let out wrongly. */
  private void failed(Throwable thrown) {
    halt();
    onFailure.accept(thrown);
  }

  private void giveBack(Target target) {
    synchronized (lock) {
      admission.balancer().giveBack(target);
    }
    letOut();
  }

  /** What is asked of the driver, and what its answers mean here. */
  private final class Asker implements Asking.Asker {
    @Override
    public QuotaRequest question(long roundTripNanos) {
      synchronized (lock) {
        return questions.next(progress.get(), ticker.nanos(), roundTripNanos);
      }
    }

    @Override
    public FollowUp take(Answer answer) {
      // Closes connections, which is not for the lock.
      LoadBalancer balancer;
      synchronized (lock) {
        balancer = admission.balancer();
      }
      balancer.hear(answer.reply().replicas());
      synchronized (lock) {
        boolean justStopped = answer.reply().leave().stopped() && !admission.grant().stopped();
        int slotsBefore = balancer.slots();
        List<ReplicaGate.Judged> judged = admission.take(answer);
        boolean moreSlots = balancer.slots() > slotsBefore;
        return new FollowUp(
            admission.untilNextQuestion(), () -> follow(judged, justStopped, moreSlots));
      }
    }

    @Override
    public void lost(QuotaRequest question) {
      synchronized (lock) {
        book.putBackAskedCoolDown(question.observed().coolDownNanos());
      }
    }

    @Override
    public void failed(Throwable thrown) {
      QuotaSession.this.failed(thrown);
    }
  }

  private void follow(List<ReplicaGate.Judged> judged, boolean justStopped, boolean moreSlots) {
    judged.forEach(ReplicaGate.Judged::complete);
    if (!judged.isEmpty()) {
      // The authority is to know of suspects before it opens a replica.
      asking.ask();
    }
    if (justStopped) {
      onStop.run();
    }
    letOut();
    if (moreSlots) {
      onMoreSlots.run();
    }
  }

  /** Stops asking; attempts that still wait are dropped by whoever waits for them. */
  @Override
  public void close() {
    asking.close();
    synchronized (lock) {
      admission.close();
    }
  }
}

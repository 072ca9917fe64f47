package io.batchinfer.quota;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.quota.QuotaReply.ForReplica;
import io.batchinfer.quota.QuotaReply.Leave;
import io.batchinfer.quota.QuotaReply.Rate;
import io.batchinfer.quota.QuotaReply.Slots;
import io.batchinfer.quota.RateState.Bound;
import io.batchinfer.quota.SlotPools.Measured;
import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The limits of one endpoint and key in one driver, shared by all runs that use them: takes in what
 * their processes report, and answers a question as soon as its rows are granted or it has waited
 * for long enough. Thread-safe; its monitor also guards its runs.
 */
public final class EndpointQuota {
  private static final Duration LEAST_TICK = Duration.ofMillis(5);
  private static final Duration LONGEST_WAIT = Duration.ofMillis(500);

  /** A slot that was left a moment ago is reported as free. */
  private static final double FULL = 0.9;

  private final Ticker ticker;

  @GuardedBy("this")
  private QuotaLimits limits;

  @GuardedBy("this")
  private final RatePacer pacer;

  @GuardedBy("this")
  private final SlotPools pools;

  @GuardedBy("this")
  private final List<QuotaAuthority> runs = new ArrayList<>();

  @GuardedBy("this")
  private final Replicas replicas = new Replicas();

  @GuardedBy("this")
  private final Outages outages = new Outages(replicas);

  @GuardedBy("this")
  private final RunTurns turns = new RunTurns();

  @GuardedBy("this")
  private final RateShares open;

  @GuardedBy("this")
  private final AttemptsLeftLying lying = new AttemptsLeftLying(replicas);

  @GuardedBy("this")
  private final StatedRates stated;

  @GuardedBy("this")
  private final EarliestAlarm tick;

  @GuardedBy("this")
  private long coolDownUntil;

  public EndpointQuota(QuotaLimits limits, Ticker ticker, Scheduler scheduler) {
    this.limits = limits;
    this.ticker = ticker;
    long now = ticker.nanos();
    this.coolDownUntil = now;
    this.pacer = new RatePacer(limits, now);
    this.pools = new SlotPools(limits.concurrency());
    this.open = new RateShares(pacer, turns);
    this.stated = new StatedRates(pacer);
    this.tick = new EarliestAlarm(scheduler, this::tick);
  }

  synchronized QuotaLimits limits() {
    return limits;
  }

  /** Keeps other limits, too: of each two the smaller one. */
  public synchronized void restrict(QuotaLimits more) {
    QuotaLimits before = limits;
    limits = limits.smallest(more);
    long now = ticker.nanos();
    if (limits.requestsPerMinute() != before.requestsPerMinute()) {
      pacer.limitRequests(limits.requestsPerMinute(), now);
    }
    if (limits.tokensPerMinute() != before.tokensPerMinute()) {
      pacer.limitTokens(limits.tokensPerMinute(), now);
    }
    pools.restrict(limits.concurrency());
  }

  long now() {
    return ticker.nanos();
  }

  synchronized void join(QuotaAuthority run) {
    turns.join(run);
    runs.add(run);
  }

  /** Forgets a run; the attempts of its processes must have ended. */
  synchronized void leave(QuotaAuthority run) {
    runs.remove(run);
    for (ProcessView process : run.processes()) {
      forget(process);
    }
    turns.leave(run);
    open.forget(run);
    if (turns.hasGroup(run.group())) {
      noteUse(run.group());
    } else {
      run.group().leaves(this);
    }
  }

  /** Tells a group with a limit over all its endpoints what it has at this one. */
  @GuardedBy("this")
  private void noteUse(QuotaGroup group) {
    if (group.isLimited()) {
      group.uses(this, pools.use(group, runs));
    }
  }

  CompletionStage<QuotaReply> ask(QuotaAuthority run, QuotaRequest request) {
    List<Runnable> answers = new ArrayList<>();
    try {
      synchronized (this) {
        try {
          return take(run, request, answers).answer();
        } catch (Throwable thrown) {
          throw broken(thrown, answers);
        }
      }
    } finally {
      answers.forEach(Runnable::run);
    }
  }

  private void tick() {
    List<Runnable> answers = new ArrayList<>();
    try {
      synchronized (this) {
        try {
          tick.wentOff();
          long now = ticker.nanos();
          prepareAll(now);
          serve(now, answers);
        } catch (Throwable thrown) {
          throw broken(thrown, answers);
        }
      }
    } finally {
      answers.forEach(Runnable::run);
    }
  }

  /** When the books cannot be kept any more, everyone who waits hears of it. */
  @GuardedBy("this")
  private AssertionError broken(Throwable thrown, List<Runnable> answers) {
    AssertionError failure = new AssertionError("the quota cannot be kept any more", thrown);
    for (OpenQuestion question : open.removeAll()) {
      answers.add(() -> question.answer().completeExceptionally(failure));
    }
    return failure;
  }

  @GuardedBy("this")
  private OpenQuestion take(QuotaAuthority run, QuotaRequest request, List<Runnable> answers) {
    long now = ticker.nanos();
    if (!runs.contains(run)) {
      return OpenQuestion.tooLate(new ProcessView(run), request, now);
    }
    ProcessView process = run.process(request.session(), now);
    if (process.hasAskedSince(request)) {
      return OpenQuestion.overtaken(process, request, now);
    }
    // Nobody waits for that any more, and what it would grant is not what the process works with.
    open.withdraw(process).ifPresent(question -> answers.add(question::overtake));
    process.reports(replicas.reportedBy(process, request.replicas()));
    pools.open(replicas, process);
    long refunded = request.totals().tokenRefund() - process.tokenRefund();
    pacer.refundTokens(process.unheardTokens(request) + refunded, now);
    pools.measure(process, request, runs, new Measured(now, pacer.requestsPerSecond()));
    lying.report(request, process, now);
    lying.tell().ifPresent(run::note);
    boolean stoppedBefore = run.isStopped();
    boolean succeededBefore = run.hasSucceeded();
    long coolDownNanos = request.observed().coolDownNanos();
    boolean changesAll = coolDownNanos > 0;
    if (changesAll) {
      coolDownUntil = Math.max(coolDownUntil, now + coolDownNanos);
    }
    stated.learn(request.observed().stated(), limits, now).forEach(run::note);
    run.learn(request, process, now);
    process.report(request, now);
    outages.report(process, request, now);
    run.stopIfAwayTooLong(outages.absence(run, now));
    OpenQuestion question = new OpenQuestion(process, request, now);
    grantSlots(process);
    prepare(question, now);
    open.add(question);
    // Looking at everyone at every question would take longer than the questions are apart.
    if (changesAll || run.isStopped() != stoppedBefore || run.hasSucceeded() != succeededBefore) {
      prepareAll(now);
    }
    serve(now, answers);
    return question;
  }

  @GuardedBy("this")
  private void grantSlots(ProcessView process) {
    noteUse(process.run().group());
    if (process.run().mayLetOut()) {
      pools.grant(process, runs);
    } else {
      pools.withdraw(process);
    }
    noteUse(process.run().group());
  }

  @GuardedBy("this")
  private void prepareAll(long now) {
    for (OpenQuestion question : open) {
      prepare(question, now);
    }
  }

  /** Sets how many rows of the rate a question may have. */
  @GuardedBy("this")
  private void prepare(OpenQuestion question, long now) {
    boolean mayEnter = question.process().hasSlots() || outages.hasTicket(question.process());
    boolean paused = coolDownUntil - now > 0;
    if (question.run().mayLetOut()
        && !paused
        && mayEnter
        && question.request().wanted().rows() > 0) {
      open.setShare(question, processes());
    } else {
      question.limitTo(0);
    }
  }

  @GuardedBy("this")
  private int processes() {
    int sum = 0;
    for (QuotaAuthority run : runs) {
      sum += run.processes().size();
    }
    return sum;
  }

  /** Answers everyone who can be answered; what has to wait is looked at again in time. */
  @GuardedBy("this")
  private void serve(long now, List<Runnable> answers) {
    open.giveOut(now);
    for (Iterator<OpenQuestion> questions = open.iterator(); questions.hasNext(); ) {
      OpenQuestion question = questions.next();
      if (!mustWait(question, now)) {
        QuotaReply reply = reply(question, now);
        questions.remove();
        answers.add(() -> question.answer().complete(reply));
      }
    }
    scheduleTick(now);
  }

  @GuardedBy("this")
  private boolean mustWait(OpenQuestion question, long now) {
    boolean forRows = question.mayHaveRows() && !question.hasRows() && !pacer.isUnlimited();
    return (forRows || waitsForFirstSuccess(question))
        && now - question.since() < LONGEST_WAIT.toNanos();
  }

  /** Whether it has nothing to do before another process has a success, and hears of that then. */
  private static boolean waitsForFirstSuccess(OpenQuestion question) {
    return question.run().mayLetOut()
        && !question.run().hasSucceeded()
        && question.request().wanted().waiting() > 0
        && question.request().inFlight() == 0
        && !question.process().hasSlots();
  }

  @GuardedBy("this")
  private QuotaReply reply(OpenQuestion question, long now) {
    QuotaAuthority run = question.run();
    ProcessView process = question.process();
    long held = now - question.since();
    if (held != 0) {
      grantSlots(process);
    }
    return new QuotaReply(
        process.slots(),
        ofReplicas(process, now),
        question.rows(now),
        new Rate(pacer.isUnlimited(), pacer.tokensPerMinute()),
        new Leave(
            run.mayGrant() ? Math.max(0, run.fenceNanos() - held) : 0,
            Math.max(0, coolDownUntil - now),
            run.allowances(process),
            run.isStopped()),
        held);
  }

  @GuardedBy("this")
  private List<ForReplica> ofReplicas(ProcessView process, long now) {
    List<ForReplica> all = new ArrayList<>();
    for (Replica replica : process.replicas()) {
      @Nullable SlotPool pool = replica.pool();
      all.add(
          new ForReplica(
              replica.name(),
              pool == null ? Slots.NONE : new Slots(process.slots(replica), pool.round()),
              outages.order(process, replica, now),
              lying.elsewhere(process, replica, runs, now)));
    }
    return all;
  }

  @GuardedBy("this")
  private void scheduleTick(long now) {
    if (open.isEmpty()) {
      return;
    }
    long due = open.nextAt(now);
    for (OpenQuestion question : open) {
      due = Math.min(due, question.since() + LONGEST_WAIT.toNanos());
    }
    tick.set(Math.max(due, now + LEAST_TICK.toNanos()), now);
  }

  /** Forgets what a process saw that has left or fallen silent. */
  synchronized void forget(ProcessView process) {
    outages.forget(process);
    replicas.leftBy(process);
  }

  /** A replica of a run that is not there, if there is one. */
  synchronized Optional<Absence> absence(QuotaAuthority run) {
    return outages.absence(run, ticker.nanos());
  }

  /** Remaining pause that the endpoint asked for. */
  synchronized Duration coolDown() {
    return Duration.ofNanos(Math.max(0, coolDownUntil - ticker.nanos()));
  }

  /** Slots in all, as far as they are known. */
  synchronized int slots() {
    return pools.limit();
  }

  /** The limits that hold now, and what bounds a run. */
  synchronized RateState state(QuotaAuthority run) {
    return new RateState(
        pools.limit(), pacer.requestsPerMinute(), pacer.tokensPerMinute(), bound(run));
  }

  @GuardedBy("this")
  private Bound bound(QuotaAuthority run) {
    long now = ticker.nanos();
    if (outages.absence(run, now).filter(Absence::all).isPresent()) {
      return Bound.ENDPOINT_AWAY;
    }
    if (coolDownUntil - now > 0) {
      return Bound.PAUSE;
    }
    if (run.processes().isEmpty() || !run.mayLetOut()) {
      // Nobody is there to send yet, or nothing is to be sent any more.
      return Bound.NONE;
    }
    if (run.waitingRows() == 0) {
      return Bound.ROWS;
    }
    Bound byRate = pacer.bound(now);
    if (byRate != Bound.NONE) {
      return byRate;
    }
    int inFlight = 0;
    for (QuotaAuthority each : runs) {
      inFlight += each.inFlight();
    }
    return inFlight >= FULL * pools.limit() ? Bound.CONCURRENCY : Bound.NONE;
  }
}

package io.batchinfer.quota;

import io.batchinfer.quota.QuotaRequest.ReplicaReport;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.quota.SlotPool.UnderWay;
import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The limits of one endpoint and key in one driver, shared by all runs that use them. Slots are
 * shared max-min; rows of the rate are given out in the order of who had the least, each for its
 * own moment of the timetable. Thread-safe; its monitor also guards its runs.
 */
public final class EndpointQuota {
  private static final Duration LEAST_TICK = Duration.ofMillis(5);
  private static final Duration LONGEST_WAIT = Duration.ofMillis(500);

  /** How far ahead rows are given out, beside twice the round trip. */
  private static final Duration AHEAD = Duration.ofMillis(100);

  private static final Duration LONGEST_ROUND_TRIP = Duration.ofSeconds(1);
  private static final int MOST_ROWS = 256;

  /** What who is late for his turn may catch up on. */
  private static final Duration MOST_LAG = Duration.ofSeconds(2);

  private final boolean adaptive;
  private QuotaLimits limits;
  private final Ticker ticker;
  private final Scheduler scheduler;
  private final RatePacer pacer;
  private final List<SlotPool> pools = new ArrayList<>();
  private final List<QuotaAuthority> runs = new ArrayList<>();
  private final Outages outages = new Outages();
  private final RunTurns turns = new RunTurns();
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
  private final AttemptsLeftLying lying = new AttemptsLeftLying();
  private StatedLimits stated = StatedLimits.NONE;
  private Scheduler.@Nullable Cancellable tick;
  private long tickAt;
  private long coolDownUntil;

  public EndpointQuota(QuotaLimits limits, Ticker ticker, Scheduler scheduler) {
    this.adaptive = limits.isAdaptive();
    this.limits = limits;
    this.ticker = ticker;
    this.scheduler = scheduler;
    long now = ticker.nanos();
    this.coolDownUntil = now;
    this.pacer = new RatePacer(limits, now);
    if (!adaptive) {
      pools.add(SlotPool.fixed(limits.concurrency()));
    }
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
    restrictPools();
  }

  private void restrictPools() {
    for (int i = 0; i < pools.size() && limits.concurrency() > 0; i++) {
      int all = limits.concurrency();
      pools.get(i).restrict(all / pools.size() + (i < all % pools.size() ? 1 : 0));
    }
  }

  long now() {
    return ticker.nanos();
  }

  synchronized void join(QuotaAuthority run) {
    turns.join(run);
    runs.add(run);
  }

  int poolCount() {
    return Math.max(1, pools.size());
  }

  /** Forgets a run; the attempts of its processes must have ended. */
  synchronized void leave(QuotaAuthority run) {
    runs.remove(run);
    run.sessions().forEach(this::forget);
    turns.leave(run);
    waiters.removeIf(waiter -> waiter.session.run() == run);
    if (turns.hasGroup(run.group())) {
      noteUse(run.group());
    } else {
      run.group().leaves(this);
    }
  }

  /** Tells a group with a limit over all its endpoints what it has at this one. */
  private void noteUse(QuotaGroup group) {
    if (!group.isLimited()) {
      return;
    }
    long held = 0;
    long demand = 0;
    for (QuotaAuthority run : runs) {
      for (int i = 0; run.group() == group && i < pools.size(); i++) {
        for (ProcessView session : run.sessions()) {
          held += session.held(i);
        }
        demand += run.demand(i);
      }
    }
    group.uses(this, Math.toIntExact(held), (int) Math.min(Integer.MAX_VALUE, demand));
  }

  CompletionStage<QuotaReply> ask(QuotaAuthority run, QuotaRequest request) {
    List<Runnable> answers = new ArrayList<>();
    CompletableFuture<QuotaReply> answer = new CompletableFuture<>();
    kept(answers, () -> take(run, request, answer, answers));
    return answer;
  }

  /** Changes the books and gives the answers; when that fails, everyone who waits hears of it. */
  private void kept(List<Runnable> answers, Runnable change) {
    List<Waiter> leftBehind = List.of();
    try {
      synchronized (this) {
        try {
          change.run();
        } catch (Throwable thrown) {
          leftBehind = List.copyOf(waiters);
          waiters.clear();
          throw thrown;
        }
      }
    } catch (Throwable thrown) {
      AssertionError failure = new AssertionError("the quota cannot be kept any more", thrown);
      leftBehind.forEach(waiter -> waiter.answer.completeExceptionally(failure));
      throw failure;
    } finally {
      answers.forEach(Runnable::run);
    }
  }

  private void take(
      QuotaAuthority run,
      QuotaRequest request,
      CompletableFuture<QuotaReply> answer,
      List<Runnable> answers) {
    long now = ticker.nanos();
    ProcessView session = run.session(request.session(), now);
    openPools(request, session);
    pacer.refundTokens(
        session.unheardTokens(request) + request.tokenRefund() - session.tokenRefund(), now);
    measure(request, session, now);
    lying.report(request, session, now);
    lying.tell().ifPresent(run::note);
    boolean stoppedBefore = run.isStopped();
    boolean succeededBefore = run.hasSucceeded();
    boolean changesAll = request.coolDownNanos() > 0;
    if (changesAll) {
      coolDownUntil = Math.max(coolDownUntil, now + request.coolDownNanos());
    }
    learnLimits(request.statedLimits(), run, now);
    run.learn(request, session, now);
    session.report(request, now);
    outages.report(session, request, now);
    run.stopIfAwayTooLong(outages.absence(now));
    Waiter waiter = new Waiter(session, request, answer, now);
    waiter.grantSlots();
    waiter.prepare(now);
    waiters.add(waiter);
    // Looking at everyone at every question would take longer than the questions are apart.
    if (changesAll || run.isStopped() != stoppedBefore || run.hasSucceeded() != succeededBefore) {
      waiters.forEach(each -> each.prepare(now));
    }
    serve(now, answers);
  }

  private void openPools(QuotaRequest request, ProcessView session) {
    while (adaptive && pools.size() < request.replicas().length) {
      pools.add(SlotPool.adaptive(pools.size(), session.run().patience()));
      restrictPools();
    }
    session.expectPools(pools.size());
  }

  private void measure(QuotaRequest request, ProcessView session, long now) {
    for (int i = 0; adaptive && i < pools.size(); i++) {
      UnderWay all = UnderWay.NOTHING.plus(request.replicas()[i]);
      for (QuotaAuthority run : runs) {
        for (ProcessView other : run.sessions()) {
          ReplicaReport report = other == session ? null : other.replica(i);
          all = report == null ? all : all.plus(report);
        }
      }
      SlotPool pool = pools.get(i);
      pool.rate(pacer.requestsPerSecond() / pools.size());
      pool.observe(session.replica(i), request.replicas()[i], all, now);
    }
  }

  private void learnLimits(StatedLimits told, QuotaAuthority run, long now) {
    long requests = limits.requestsPerMinute() == 0 ? told.requestsPerMinute() : 0;
    long tokens = limits.tokensPerMinute() == 0 ? told.tokensPerMinute() : 0;
    if (requests > 0 && requests != stated.requestsPerMinute()) {
      pacer.limitRequests(requests, now);
      run.note("The endpoint states a limit of %d requests/min; it is kept.".formatted(requests));
    }
    if (tokens > 0 && tokens != stated.tokensPerMinute()) {
      pacer.limitTokens(tokens, now);
      run.note("The endpoint states a limit of %d tokens/min; it is kept.".formatted(tokens));
    }
    stated =
        new StatedLimits(
            requests > 0 ? requests : stated.requestsPerMinute(),
            tokens > 0 ? tokens : stated.tokensPerMinute());
  }

  /** Answers everyone who can be answered; what has to wait is looked at again in time. */
  private void serve(long now, List<Runnable> answers) {
    grantRows(now);
    for (var iterator = waiters.iterator(); iterator.hasNext(); ) {
      Waiter waiter = iterator.next();
      if (!waiter.mustWait(now)) {
        QuotaReply reply = waiter.reply(now);
        iterator.remove();
        answers.add(() -> waiter.answer.complete(reply));
      }
    }
    scheduleTick(now);
  }

  private void grantRows(long now) {
    if (pacer.isUnlimited()) {
      return;
    }
    long ahead = ahead();
    while (true) {
      long start = pacer.next(now);
      Waiter next = null;
      for (Waiter waiter : waiters) {
        if (waiter.canTakeRow(start, now, ahead) && (next == null || waiter.comesBefore(next))) {
          next = waiter;
        }
      }
      if (next == null) {
        return;
      }
      next.takeRow(next.earliest(start, now));
    }
  }

  /** The same for all, or who is farthest away would always be the first to be served. */
  private long ahead() {
    long longest = 0;
    for (Waiter waiter : waiters) {
      longest = Math.max(longest, waiter.aheadNanos());
    }
    return longest;
  }

  private void scheduleTick(long now) {
    if (waiters.isEmpty()) {
      return;
    }
    long due = Long.MAX_VALUE;
    long ahead = ahead();
    long start = pacer.next(now);
    for (Waiter waiter : waiters) {
      long atLatest = waiter.since + LONGEST_WAIT.toNanos();
      due = Math.min(due, Math.min(atLatest, start - ahead));
    }
    due = Math.max(due, now + LEAST_TICK.toNanos());
    if (tick == null || due < tickAt) {
      if (tick != null) {
        tick.cancel();
      }
      tickAt = due;
      tick = scheduler.schedule(this::tick, Duration.ofNanos(due - now));
    }
  }

  private void tick() {
    List<Runnable> answers = new ArrayList<>();
    kept(
        answers,
        () -> {
          tick = null;
          long now = ticker.nanos();
          waiters.forEach(waiter -> waiter.prepare(now));
          serve(now, answers);
        });
  }

  /** Forgets what a process saw that has left or fallen silent. */
  void forget(ProcessView session) {
    outages.forget(session);
  }

  /** A replica that is not there, if there is one. */
  synchronized Optional<Absence> absence() {
    return outages.absence(ticker.nanos());
  }

  /** Remaining pause that the endpoint asked for. */
  synchronized Duration coolDown() {
    return Duration.ofNanos(Math.max(0, coolDownUntil - ticker.nanos()));
  }

  /** Slots in all, as far as they are known. */
  synchronized int slots() {
    return pools.stream().mapToInt(SlotPool::limit).sum();
  }

  private int processes() {
    return runs.stream().mapToInt(run -> run.sessions().size()).sum();
  }

  /** A process whose question is open. */
  private final class Waiter {
    private final ProcessView session;
    private final QuotaRequest request;
    private final CompletableFuture<QuotaReply> answer;
    private final long since;
    private final List<Long> starts = new ArrayList<>();
    private final List<Long> tokens = new ArrayList<>();
    private int most;

    Waiter(
        ProcessView session,
        QuotaRequest request,
        CompletableFuture<QuotaReply> answer,
        long since) {
      this.session = session;
      this.request = request;
      this.answer = answer;
      this.since = since;
    }

    long aheadNanos() {
      long roundTrip = Math.min(request.roundTripNanos(), LONGEST_ROUND_TRIP.toNanos());
      return AHEAD.toNanos() + 2 * roundTrip;
    }

    private boolean mayGetSlots() {
      return session.run().mayGrant() && !session.run().isStopped();
    }

    void grantSlots() {
      noteUse(session.run().group());
      boolean may = mayGetSlots();
      for (int i = 0; i < pools.size(); i++) {
        if (may) {
          pools.get(i).grant(session, runs);
        } else {
          session.grantSlots(i, 0);
        }
      }
      noteUse(session.run().group());
    }

    /** Sets the share of rows that leaves the others theirs. */
    void prepare(long now) {
      boolean may = mayGetSlots();
      boolean paused = coolDownUntil - now > 0;
      if (!may || paused || !mayEnter() || request.wantedRows() == 0) {
        most = 0;
        return;
      }
      long cost = request.costs().length == 0 ? 0 : meanCost();
      int share = pacer.rowsIn(Duration.ofNanos(aheadNanos()), cost) / Math.max(1, processes());
      most = Math.min(request.wantedRows(), Math.min(share + 1, MOST_ROWS));
    }

    private boolean mayEnter() {
      return session.hasSlots() || outages.hasTicket(session);
    }

    private long meanCost() {
      long sum = 0;
      for (long cost : request.costs()) {
        sum += cost;
      }
      return sum / request.costs().length;
    }

    private long costOfNext() {
      int index = Math.min(starts.size(), request.costs().length - 1);
      return index < 0 ? 0 : request.costs()[index];
    }

    /** Not before the answer has arrived; it would find its permit lapsed. */
    long earliest(long start, long now) {
      long roundTrip = Math.min(request.roundTripNanos(), LONGEST_ROUND_TRIP.toNanos());
      return Math.max(start, now + roundTrip + roundTrip / 4);
    }

    boolean canTakeRow(long start, long now, long ahead) {
      if (starts.size() >= most || earliest(start, now) > now + ahead) {
        return false;
      }
      return !pacer.isOversized(costOfNext()) || (pacer.isFull(now) && isAlone());
    }

    /** Whether no one else wants rows of an ordinary size. */
    private boolean isAlone() {
      for (Waiter other : waiters) {
        if (other != this && other.most > 0 && !pacer.isOversized(other.costOfNext())) {
          return false;
        }
      }
      return true;
    }

    boolean comesBefore(Waiter other) {
      return Comparator.comparingDouble(Waiter::positionOfGroup)
              .thenComparingDouble(Waiter::positionInGroup)
              .thenComparingLong(waiter -> waiter.session.served())
              .compare(this, other)
          < 0;
    }

    private double credit() {
      return pacer.rowsIn(MOST_LAG, request.costs().length == 0 ? 0 : meanCost());
    }

    private double positionOfGroup() {
      return turns.positionOfGroup(session.run(), credit());
    }

    private double positionInGroup() {
      return turns.positionInGroup(session.run(), credit());
    }

    void takeRow(long start) {
      long cost = costOfNext();
      pacer.take(cost, start);
      starts.add(start);
      tokens.add(cost);
      session.grantRow(cost);
      turns.take(session.run(), credit());
    }

    boolean mustWait(long now) {
      boolean forRows = most > 0 && starts.isEmpty() && !pacer.isUnlimited();
      return (forRows || waitsForFirstSuccess()) && now - since < LONGEST_WAIT.toNanos();
    }

    /**
     * Whether it has nothing to do before another process has a success, and hears of that then.
     */
    private boolean waitsForFirstSuccess() {
      return mayGetSlots()
          && !session.run().hasSucceeded()
          && request.waiting() > 0
          && request.inFlight() == 0
          && !session.hasSlots();
    }

    QuotaReply reply(long now) {
      QuotaAuthority run = session.run();
      if (now != since) {
        grantSlots();
      }
      long[] rounds = pools.stream().mapToLong(SlotPool::round).toArray();
      long fence = run.mayGrant() ? Math.max(0, run.fenceNanos() - (now - since)) : 0;
      return new QuotaReply(
          session.slots(),
          rounds,
          outages.orders(session, now),
          starts.stream().mapToLong(start -> start - now).toArray(),
          tokens.stream().mapToLong(Long::longValue).toArray(),
          now - since,
          pacer.isUnlimited(),
          pacer.tokensPerMinute(),
          Math.max(0, coolDownUntil - now),
          fence,
          run.allowances(session),
          run.isStopped(),
          lying.elsewhere(session, request, runs, now));
    }
  }
}

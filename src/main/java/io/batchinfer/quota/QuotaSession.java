package io.batchinfer.quota;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.client.Attempt;
import io.batchinfer.client.AttemptChannel;
import io.batchinfer.client.ReplicaChannel;
import io.batchinfer.client.Reply;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.policy.OutageVerdict;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaReply.Allowance;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The executor's side of the shared limits: lets attempts out as far as grants reach, to the
 * replica that has most room, and asks the authority for more. Attempts that wait are let out by
 * whichever thread brings the permit, usually the event loop that just finished another attempt.
 * Thread-safe.
 */
public final class QuotaSession implements AutoCloseable {
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration IDLE_INTERVAL = Duration.ofMillis(500);
  private static final Duration BUSY_INTERVAL = Duration.ofMillis(200);
  private static final Duration RATED_INTERVAL = Duration.ofMillis(20);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
  private static final Duration LEAST_PAUSE = Duration.ofMillis(1);

  /** How long a slot stays free after the endpoint had no room for an attempt. */
  private static final Duration WITHHELD = Duration.ofMillis(500);

  private static final Duration MOST_ROUND_TRIP = Duration.ofSeconds(1);

  private static final int MOST_ROWS = 256;
  private static final boolean[] BOTH = {false, true};

  private final String id;
  private final Quota port;
  private final Elapsed elapsed;
  private final Ticker ticker;
  private final Scheduler scheduler;
  private final Supplier<Progress> progress;

  @GuardedBy("lock")
  private final long[] latencies = new long[LatencyHistogram.CLASSES];

  private final Object lock = new Object();
  private final WaitingRows waiting = new WaitingRows();
  private final Permits permits = new Permits();
  private final AttemptBook book;

  @GuardedBy("lock")
  private LoadBalancer balancer = new LoadBalancer(List.of());

  @GuardedBy("lock")
  private boolean unlimited;

  @GuardedBy("lock")
  private long tokensPerMinute;

  @GuardedBy("lock")
  private List<Allowance> allowances = List.of();

  @GuardedBy("lock")
  private Elapsed.Mark fenceFrom;

  @GuardedBy("lock")
  private long fenceNanos;

  @GuardedBy("lock")
  private boolean stopped;

  @GuardedBy("lock")
  private boolean halted;

  private volatile Runnable onStop = () -> {};
  private volatile Consumer<Throwable> onFailure = unused -> {};

  @GuardedBy("lock")
  private boolean closed;

  @GuardedBy("lock")
  private boolean asking;

  @GuardedBy("lock")
  private boolean askAgain;

  @GuardedBy("lock")
  private Scheduler.@Nullable Cancellable askTimer;

  @GuardedBy("lock")
  private Scheduler.@Nullable Cancellable letOutTimer;

  @GuardedBy("lock")
  private long letOutAt;

  @GuardedBy("lock")
  private long roundTripNanos;

  @GuardedBy("lock")
  private int ending;

  @GuardedBy("lock")
  private IntUnaryOperator memory = underWay -> Integer.MAX_VALUE;

  @GuardedBy("lock")
  private Consumer<Integer> onShortage = unused -> {};

  private volatile Runnable onMoreSlots = () -> {};

  @GuardedBy("lock")
  private boolean shortOfMemory;

  /** Rows under way that were under way in an outage before. */
  @GuardedBy("lock")
  private int ofOutages;

  /** The port to the authority, with messages already decoded. */
  @FunctionalInterface
  public interface Quota {
    CompletionStage<QuotaReply> ask(QuotaRequest request);
  }

  /**
   * @param id name of this process, unique among all runs
   * @param progress totals to report with every request
   * @param statedLimits what an answer's headers say of the endpoint's limits
   */
  public QuotaSession(
      String id,
      Quota port,
      Elapsed elapsed,
      Ticker ticker,
      Scheduler scheduler,
      Supplier<Progress> progress,
      Function<Reply, StatedLimits> statedLimits) {
    this.id = id;
    this.port = port;
    this.elapsed = elapsed;
    this.ticker = ticker;
    this.scheduler = scheduler;
    this.progress = progress;
    this.book = new AttemptBook(statedLimits, ticker.nanos());
    this.fenceFrom = elapsed.mark();
  }

  /**
   * Begins to ask.
   *
   * @param whenStopped run once, when the authority lets nothing out any more
   * @param whenFailed hears what breaks the book-keeping; nothing is let out any more by then
   */
  public void start(Runnable whenStopped, Consumer<Throwable> whenFailed) {
    onStop = whenStopped;
    onFailure = whenFailed;
    ask();
  }

  /** Whether a request may still be written: the fence has not run out. Cheap. */
  public boolean maySend() {
    Elapsed.Mark from;
    long length;
    synchronized (lock) {
      from = fenceFrom;
      length = fenceNanos;
    }
    return elapsed.since(from).toNanos() < length;
  }

  /** Whether the authority lets nothing out any more. */
  public boolean isStopped() {
    synchronized (lock) {
      return stopped || halted;
    }
  }

  /** Lets nothing out any more, whatever the authority grants. */
  public void halt() {
    List<ReplicaGate.Judged> judged;
    synchronized (lock) {
      halted = true;
      judged = release();
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
    synchronized (lock) {
      return !asking && !stopped && book.isReported();
    }
  }

  /** Attempts that this process may have under way at once. */
  public int slots() {
    synchronized (lock) {
      return balancer.slots();
    }
  }

  /** Attempts under way, those included whose end is just being taken in. */
  public int inFlight() {
    synchronized (lock) {
      return balancer.underWay() + ending;
    }
  }

  /** Puts the limits in front of the replicas. To be called once, before {@link #start}. */
  public AttemptChannel limit(List<ReplicaChannel> replicas) {
    synchronized (lock) {
      balancer = new LoadBalancer(replicas);
    }
    return (request, history) -> {
      WaitingRow entry = new WaitingRow(request, history);
      synchronized (lock) {
        waiting.add(entry, tokensPerMinute);
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
   * @param whenShort hears how many are under way when memory keeps the next one back
   */
  public void boundBy(IntUnaryOperator room, Consumer<Integer> whenShort) {
    synchronized (lock) {
      memory = room;
      onShortage = whenShort;
    }
  }

  /**
   * To be called before {@link #start}.
   *
   * @param listener hears that this process may have more attempts under way than before; called
   *     without a lock
   */
  public void onMoreSlots(Runnable listener) {
    onMoreSlots = listener;
  }

  /** Lets out what memory had kept back, which may have become free. Cheap. */
  public void memoryIsFreed() {
    boolean waits;
    synchronized (lock) {
      waits = shortOfMemory;
    }
    if (waits) {
      letOut();
    }
  }

  /** Free slots, as far as there is memory for the answers. */
  @GuardedBy("lock")
  private int room() {
    int room = balancer.room();
    int fits = room == 0 ? 0 : memory.applyAsInt(balancer.underWay() + ending);
    shortOfMemory = room > fits;
    return Math.min(room, fits);
  }

  private void letOut() {
    while (true) {
      Admitted next;
      synchronized (lock) {
        next = admit();
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

  /**
   * @param ticket what let it in at a replica that is closed to others, 0 where it is open
   */
  private record Admitted(WaitingRow row, LoadBalancer.Target target, long round, long ticket) {}

  @GuardedBy("lock")
  private @Nullable Admitted admit() {
    if (waiting.isEmpty() || balancer.isFull() || !mayLetOut()) {
      return null;
    }
    if (room() == 0 && shortOfMemory) {
      onShortage.accept(balancer.underWay());
      return null;
    }
    long now = ticker.nanos();
    if (!unlimited && permits.next(now) > now) {
      return null;
    }
    Admitted admitted = admitByTicket();
    if (admitted == null) {
      admitted = admitFreely();
    }
    if (admitted == null) {
      return null;
    }
    WaitingRow row = admitted.row();
    ofOutages += row.outages().count() > 0 ? 1 : 0;
    long cost = book.charge().of(row.request().estimatedTokens());
    long permitted = unlimited ? 0 : permits.take();
    book.charge(row, cost, tokensPerMinute == 0 ? cost : permitted);
    return admitted;
  }

  @GuardedBy("lock")
  private @Nullable Admitted admitByTicket() {
    for (boolean forSuspect : BOTH) {
      if (forSuspect && waiting.suspects() == 0) {
        continue;
      }
      Optional<LoadBalancer.Target> target = balancer.enterByTicket(forSuspect);
      @Nullable WaitingRow row =
          target.isEmpty() ? null : forSuspect ? waiting.nextSuspect() : waiting.nextToLook();
      if (row != null) {
        LoadBalancer.Target entered = target.orElseThrow();
        return new Admitted(row, entered, balancer.round(entered), entered.gate().useTicket());
      }
    }
    return null;
  }

  @GuardedBy("lock")
  private @Nullable Admitted admitFreely() {
    boolean mayBeOfOutages = ofOutages < Math.max(1, (int) Math.sqrt(balancer.slots()));
    if (!waiting.hasNext(mayBeOfOutages)) {
      return null;
    }
    Optional<LoadBalancer.Target> target = balancer.enter();
    @Nullable WaitingRow row = target.isEmpty() ? null : waiting.next(mayBeOfOutages);
    return row == null ? null : new Admitted(row, target.get(), balancer.round(target.get()), 0);
  }

  @GuardedBy("lock")
  private boolean mayLetOut() {
    return !stopped
        && !halted
        && !closed
        && book.pauseLeft(ticker.nanos()) <= 0
        && !book.isSpent(allowances)
        && elapsed.since(fenceFrom).toNanos() < fenceNanos;
  }

  /** What waits although there is a slot goes out when its permit or its replica is ready. */
  @GuardedBy("lock")
  private void lookAgainInTime() {
    if (waiting.isEmpty() || balancer.isFull() || stopped || halted || closed) {
      return;
    }
    long now = ticker.nanos();
    long due =
        !unlimited && permits.next(now) > now ? permits.next(now) : now + LOOK_AGAIN.toNanos();
    if (due == Long.MAX_VALUE) {
      return;
    }
    due = Math.max(due, now + LEAST_PAUSE.toNanos());
    if (letOutTimer != null && letOutAt <= due) {
      return;
    }
    if (letOutTimer != null) {
      letOutTimer.cancel();
    }
    letOutAt = due;
    letOutTimer = scheduler.schedule(this::letOutOnTime, Duration.ofNanos(due - now));
  }

  private void letOutOnTime() {
    synchronized (lock) {
      letOutTimer = null;
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
      ending++;
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
      ending--;
    }
    try {
      memoryIsFreed();
    } catch (Throwable thrown) {
      failed(thrown);
    }
  }

  /**
   * Books the end of an attempt.
   *
   * @return whether it waits for the authority's verdict, which completes it
   */
  private boolean takeIn(Admitted admitted, Attempt attempt, long began) {
    boolean askNow;
    boolean withheld;
    boolean unjudged = false;
    synchronized (lock) {
      long nanos = ticker.nanos() - began;
      boolean wasSpent = book.isSpent(allowances);
      boolean hadRemark = !book.remark().isEmpty();
      boolean firstSuccess = false;
      ofOutages -= admitted.row().outages().count() > 0 ? 1 : 0;
      try {
        firstSuccess = book.book(admitted.row(), attempt, nanos, ticker.nanos(), !unlimited);
        unjudged =
            !stopped
                && !halted
                && admitted
                    .target()
                    .gate()
                    .ended(admitted.row(), attempt, admitted.ticket(), began, ticker.nanos());
      } finally {
        withheld = leave(admitted, attempt, nanos);
      }
      askNow =
          unjudged
              || admitted.ticket() > 0
              || firstSuccess
              || attempt.meaning().stopCode().isPresent()
              || attempt.meaning().isLackOfRoom()
              || (!hadRemark && !book.remark().isEmpty())
              || (!wasSpent && book.isSpent(allowances));
      askNow |= balancer.bearsOutGrowth(admitted.target());
    }
    if (withheld) {
      scheduler.schedule(() -> giveBack(admitted.target()), WITHHELD);
    }
    if (askNow) {
      ask();
    }
    return unjudged;
  }

  /** What is not booked rightly must not be let out wrongly. */
  private void failed(Throwable thrown) {
    halt();
    onFailure.accept(thrown);
  }

  /** Books the end of an attempt; returns whether its slot is withheld for a moment. */
  @GuardedBy("lock")
  private boolean leave(Admitted admitted, Attempt attempt, long nanos) {
    balancer.leave(admitted.target(), attempt, admitted.round(), nanos);
    if (attempt.meaning() == StatusMeaning.ANSWERED) {
      latencies[LatencyHistogram.classOf(nanos)]++;
    }
    if (!book.hasSucceeded() && attempt.meaning().stopCode().isPresent()) {
      balancer.stopRefusal(admitted.target());
    }
    // Against a known rate, a refusal says that the rate was too high, not that slots are too many.
    boolean noRoom =
        attempt.meaning() == StatusMeaning.OVERLOADED
            || (attempt.meaning() == StatusMeaning.THROTTLED && unlimited);
    return noRoom && admitted.ticket() == 0 && balancer.takeAway(admitted.target());
  }

  private void giveBack(LoadBalancer.Target target) {
    synchronized (lock) {
      balancer.giveBack(target);
    }
    letOut();
  }

  /** A timer that has fired must not be taken for one that is still to come. */
  private void askOnTime() {
    synchronized (lock) {
      askTimer = null;
    }
    ask();
  }

  private void ask() {
    QuotaRequest request;
    Elapsed.Mark askedAt;
    long askedNanos;
    synchronized (lock) {
      if (closed) {
        return;
      }
      if (asking) {
        askAgain = true;
        return;
      }
      asking = true;
      askAgain = false;
      askedAt = elapsed.mark();
      askedNanos = ticker.nanos();
      if (askTimer != null) {
        askTimer.cancel();
        askTimer = null;
      }
      request = question();
    }
    CompletionStage<QuotaReply> answer;
    try {
      answer = Objects.requireNonNull(port.ask(request), "no stage of an answer");
    } catch (Throwable thrown) {
      // A driver that is out of reach is told by the stage.
      failed(thrown);
      return;
    }
    answer.whenComplete((reply, failure) -> receive(request, reply, failure, askedAt, askedNanos));
  }

  @GuardedBy("lock")
  private QuotaRequest question() {
    boolean paused = book.pauseLeft(ticker.nanos()) > 0;
    boolean barred = !balancer.letsAnythingIn();
    boolean fenced = elapsed.since(fenceFrom).toNanos() >= fenceNanos;
    if (paused || barred || fenced || waiting.isEmpty()) {
      permits.giveBackAll();
    }
    int wanted = unlimited || paused || barred ? 0 : wantedRows();
    return new QuotaRequest(
        id,
        balancer.slotsInUse(),
        balancer.report(ticker.nanos()),
        balancer.signs(),
        // What does not fit into memory is no demand: others can use the slots.
        shortOfMemory ? Math.min(waiting.size(), room() + 1) : waiting.size(),
        waiting.suspects(),
        wanted,
        tokensPerMinute == 0 ? new long[0] : waiting.costs(permits.size(), wanted, book.charge()),
        permits.receivedTokens(),
        book.tokenRefund(),
        roundTripNanos,
        book.takeAskedCoolDown(),
        book.stated(),
        book.cutAfter(),
        book.meanings(),
        book.detail(),
        book.remark(),
        book.used(),
        progress.get().with(latencies()));
  }

  @GuardedBy("lock")
  private LatencyHistogram latencies() {
    return book.hasSucceeded() ? new LatencyHistogram(latencies.clone()) : LatencyHistogram.NONE;
  }

  /** Enough for the free slots, and for those that get free until the answer is there. */
  @GuardedBy("lock")
  private int wantedRows() {
    int spendable = room() + 1 + balancer.underWay() / 8;
    int ahead = Math.min(waiting.ordinary(), spendable);
    if (waiting.ordinary() == 0 && !waiting.isEmpty()) {
      ahead = 1;
    }
    return Math.max(0, Math.min(MOST_ROWS, ahead - permits.size()));
  }

  private void receive(
      QuotaRequest request,
      @Nullable QuotaReply reply,
      @Nullable Throwable failure,
      Elapsed.Mark askedAt,
      long askedNanos) {
    try {
      boolean justStopped = false;
      boolean moreSlots = false;
      List<ReplicaGate.Judged> judged = List.of();
      if (reply != null) {
        // Closes connections, which is not for the lock.
        LoadBalancer all;
        synchronized (lock) {
          all = balancer;
        }
        all.hear(reply.elsewhere());
      }
      synchronized (lock) {
        asking = false;
        if (closed) {
          return;
        }
        Duration next = FIRST_RETRY;
        if (reply == null) {
          book.putBackAskedCoolDown(request.coolDownNanos());
        } else {
          justStopped = reply.stopped() && !stopped;
          int slotsBefore = balancer.slots();
          judged = take(request, reply, askedAt, askedNanos);
          moreSlots = balancer.slots() > slotsBefore;
          next = askAgain ? Duration.ZERO : untilNextQuestion();
        }
        if (askTimer == null) {
          askTimer = scheduler.schedule(this::askOnTime, next);
        }
      }
      judged.forEach(ReplicaGate.Judged::complete);
      if (!judged.isEmpty()) {
        // The authority is to know of suspects before it opens a replica.
        ask();
      }
      if (justStopped) {
        onStop.run();
      }
      letOut();
      if (moreSlots) {
        onMoreSlots.run();
      }
    } catch (Throwable thrown) {
      failed(thrown);
    }
    // A driver that is out of reach may come back; an Error of this process stays.
    if (failure != null && Attempt.causeOf(failure) instanceof Error error) {
      failed(error);
    }
  }

  @GuardedBy("lock")
  private List<ReplicaGate.Judged> take(
      QuotaRequest request, QuotaReply reply, Elapsed.Mark askedAt, long askedNanos) {
    long now = ticker.nanos();
    balancer.grant(reply.slots(), reply.rounds(), request.replicas(), book.hasSucceeded());
    // The authority handled the question at about this moment of this process's own ticker; an
    // answer that comes late finds its permits lapsed.
    // A machine that was suspended meanwhile has a ticker that knows nothing of it.
    long suspended = elapsed.since(askedAt).toNanos() - (now - askedNanos);
    long handledAt = askedNanos + reply.heldNanos() - Math.max(0, suspended);
    for (int i = 0; i < reply.rows(); i++) {
      permits.add(handledAt + reply.starts()[i], reply.tokens()[i]);
    }
    long roundTrip = Math.max(0, Math.min(MOST_ROUND_TRIP.toNanos(), now - handledAt));
    // Rather too long than too short: a permit that comes late has lapsed.
    roundTripNanos = Math.max(roundTrip, (roundTripNanos * 15 + roundTrip) / 16);
    book.reported(request.meanings());
    unlimited = reply.unlimited();
    if (tokensPerMinute != reply.tokensPerMinute()) {
      tokensPerMinute = reply.tokensPerMinute();
      waiting.sortOut(tokensPerMinute);
    }
    allowances = reply.allowances();
    stopped = reply.stopped();
    book.pauseUntil(now + reply.coolDownNanos());
    fenceFrom = askedAt;
    fenceNanos = reply.fenceNanos();
    return stopped ? release() : judge(request, reply);
  }

  @GuardedBy("lock")
  private List<ReplicaGate.Judged> judge(QuotaRequest request, QuotaReply reply) {
    List<ReplicaGate.Judged> judged = new ArrayList<>();
    for (int i = 0; i < Math.min(reply.orders().length, balancer.count()); i++) {
      judged.addAll(balancer.gate(i).take(reply.orders()[i], request.signs()[i]));
    }
    return judged;
  }

  /** What failed speaks for itself when nothing is sent any more. */
  @GuardedBy("lock")
  private List<ReplicaGate.Judged> release() {
    List<ReplicaGate.Judged> judged = new ArrayList<>();
    for (int i = 0; i < balancer.count(); i++) {
      judged.addAll(balancer.gate(i).release());
    }
    return judged;
  }

  @GuardedBy("lock")
  private Duration untilNextQuestion() {
    if (waiting.isEmpty() && balancer.underWay() == 0) {
      return IDLE_INTERVAL;
    }
    long pause = book.pauseLeft(ticker.nanos());
    if (pause > 0) {
      return Duration.ofNanos(Math.min(pause, BUSY_INTERVAL.toNanos()));
    }
    if (!balancer.letsAnythingIn()) {
      return BUSY_INTERVAL;
    }
    return unlimited || waiting.isEmpty() ? BUSY_INTERVAL : RATED_INTERVAL;
  }

  /** Stops asking; attempts that still wait are dropped by whoever waits for them. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
  }
}

package io.batchinfer.quota;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.policy.StatusMeaning.Stop;
import io.batchinfer.policy.TokenBucket;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one place that knows a run's limits. Executor processes ask; permits go out as slots
 * (attempts at once) and as whole rows and tokens of the rate. Slots of a silent process stay taken
 * until it can no longer have anything under way. Until the first success only a few slots are out.
 * Thread-safe.
 */
public final class QuotaAuthority {
  /** Slots until the endpoint has answered something with success. */
  static final int CANARIES = 4;

  /** Refusals that end a job which never had a success. */
  static final int REFUSALS_BEFORE_FIRST_SUCCESS = 4;

  private static final Duration TICK = Duration.ofMillis(20);
  private static final Duration LONGEST_WAIT = Duration.ofMillis(500);

  /** Seconds of the rate that may be saved up. */
  private static final double BURST_SECONDS = 0.1;

  /** Seconds of the rate left free, for what goes out later than it was granted or comes back. */
  private static final double MARGIN_SECONDS = 0.1;

  private static final double TOKEN_BURST_SECONDS = 1;

  private final QuotaLimits limits;
  private final Duration fence;
  private final Duration slotRetention;
  private final BooleanSupplier mayGrant;
  private final Ticker ticker;
  private final Scheduler scheduler;
  private final @Nullable TokenBucket requests;
  private final @Nullable TokenBucket tokens;
  private final Map<String, Session> sessions = new LinkedHashMap<>();

  /** Those that fell silent: should one come back, its totals go on from what is known. */
  private final Map<String, Session> silent = new LinkedHashMap<>();

  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
  private final long[] meanings = new long[StatusMeaning.values().length];
  private boolean ticking;
  private boolean succeeded;
  private long coolDownUntil;
  private boolean draining;
  private @Nullable StopReason stopReason;
  private Progress departed = Progress.ZERO;

  /**
   * @param fence how long a process may go on sending after it asked
   * @param slotRetention how long a silent process is assumed to have its slots in use
   * @param mayGrant whether the owner of the output may still grant anything
   */
  public QuotaAuthority(
      QuotaLimits limits,
      Duration fence,
      Duration slotRetention,
      BooleanSupplier mayGrant,
      Ticker ticker,
      Scheduler scheduler) {
    this.limits = limits;
    this.fence = fence;
    this.slotRetention = slotRetention;
    this.mayGrant = mayGrant;
    this.ticker = ticker;
    this.scheduler = scheduler;
    long now = ticker.nanos();
    this.coolDownUntil = now;
    this.requests =
        limits.requestsPerMinute() == 0
            ? null
            : new TokenBucket(
                limits.requestsPerMinute() * (1 - MARGIN_SECONDS / 60),
                requestBurst(limits.requestsPerMinute()),
                now);
    this.tokens =
        limits.tokensPerMinute() == 0
            ? null
            : new TokenBucket(
                limits.tokensPerMinute(),
                Math.max(1, limits.tokensPerMinute() * TOKEN_BURST_SECONDS / 60),
                now);
  }

  /** Above one row there is room for what refills between two looks, or it would be lost. */
  private static double requestBurst(long perMinute) {
    double perSecond = perMinute / 60.0;
    double betweenLooks = perSecond * 2 * TICK.toMillis() / 1000;
    return Math.max(1 + betweenLooks, perSecond * BURST_SECONDS);
  }

  /** Why a run is stopped, with the endpoint's own words. */
  public record StopReason(ErrorCode code, String detail) {}

  /** Answers a process; completes later when a rate makes it wait. */
  public CompletionStage<QuotaReply> ask(QuotaRequest request) {
    List<Runnable> answers = new ArrayList<>();
    CompletableFuture<QuotaReply> answer = new CompletableFuture<>();
    synchronized (this) {
      long now = ticker.nanos();
      Session session = sessions.computeIfAbsent(request.session(), this::comeIn);
      learn(request, session, now);
      session.report(request, now);
      waiters.add(new Waiter(session, request, answer, now));
      serve(now, answers);
    }
    answers.forEach(Runnable::run);
    return answer;
  }

  private Session comeIn(String id) {
    Session known = silent.remove(id);
    return known == null ? new Session() : known;
  }

  private void learn(QuotaRequest request, Session session, long now) {
    for (StatusMeaning meaning : StatusMeaning.values()) {
      meanings[meaning.ordinal()] += request.count(meaning) - session.meanings[meaning.ordinal()];
    }
    succeeded |= request.count(StatusMeaning.ANSWERED) > 0;
    // What was granted in an answer that got lost goes back.
    if (requests != null) {
      requests.refund((double) (session.grantedRows - request.receivedRows()));
    }
    if (tokens != null) {
      tokens.refund((double) (session.grantedTokens - request.receivedTokens()));
      tokens.refund((double) (request.tokenRefund() - session.tokenRefund));
    }
    if (request.coolDownNanos() > 0) {
      coolDownUntil = Math.max(coolDownUntil, now + request.coolDownNanos());
      if (request.coolDownNanos() > limits.maxCoolDown().toNanos()) {
        stop(
            ErrorCode.COOL_DOWN_TOO_LONG,
            "the endpoint asks for a pause of "
                + Duration.ofNanos(request.coolDownNanos()).toSeconds()
                + " s");
      }
    }
    for (StatusMeaning meaning : StatusMeaning.values()) {
      Optional<ErrorCode> code = meaning.stopCode();
      if (code.isEmpty() || request.count(meaning) == session.meanings[meaning.ordinal()]) {
        continue;
      }
      boolean stops =
          meaning.stop() == Stop.AT_ONCE
              || (!succeeded && refusals(code.get()) >= REFUSALS_BEFORE_FIRST_SUCCESS);
      if (stops) {
        stop(code.get(), request.detail());
      }
    }
  }

  private long refusals(ErrorCode code) {
    long sum = 0;
    for (StatusMeaning meaning : StatusMeaning.values()) {
      if (meaning.stopCode().filter(code::equals).isPresent()) {
        sum += meanings[meaning.ordinal()];
      }
    }
    return sum;
  }

  private void serve(long now, List<Runnable> answers) {
    int size = waiters.size();
    for (int i = 0; i < size; i++) {
      Waiter waiter = waiters.removeFirst();
      Optional<QuotaReply> reply = answer(waiter, now);
      if (reply.isPresent()) {
        answers.add(() -> waiter.answer.complete(reply.get()));
      } else {
        waiters.addLast(waiter);
      }
    }
    if (!waiters.isEmpty() && !ticking) {
      ticking = true;
      scheduler.schedule(this::tick, TICK);
    }
  }

  private void tick() {
    List<Runnable> answers = new ArrayList<>();
    synchronized (this) {
      ticking = false;
      serve(ticker.nanos(), answers);
    }
    answers.forEach(Runnable::run);
  }

  private Optional<QuotaReply> answer(Waiter waiter, long now) {
    boolean granting = mayGrant.getAsBoolean();
    boolean stopped = stopReason != null || draining;
    int slots = granting && !stopped ? slotsFor(waiter.session, now) : 0;
    long coolDown = Math.max(0, coolDownUntil - now);
    boolean unlimited = requests == null && tokens == null;
    int rows = 0;
    long grantedTokens = 0;
    if (!unlimited && slots > 0 && coolDown == 0) {
      int wantedRows = waiter.request.wantedRows();
      long wantedTokens = waiter.request.wantedTokens();
      long tokensPerRow = wantedRows == 0 ? 0 : wantedTokens / wantedRows;
      while (rows < wantedRows && takeRow(tokensPerRow, now)) {
        rows++;
        grantedTokens += tokensPerRow;
      }
      if (wantedRows == 0 && tokens != null && tokens.tryTake((double) wantedTokens, now)) {
        grantedTokens = wantedTokens;
      }
      boolean wantsMore = wantedRows > 0 || wantedTokens > 0;
      boolean mayWait = now - waiter.since < LONGEST_WAIT.toNanos();
      if (rows == 0 && grantedTokens == 0 && wantsMore && mayWait) {
        return Optional.empty();
      }
    }
    waiter.session.grantedRows += rows;
    waiter.session.grantedTokens += grantedTokens;
    long fenceNanos = granting ? Math.max(0, fence.toNanos() - (now - waiter.since)) : 0;
    return Optional.of(
        new QuotaReply(
            slots, rows, grantedTokens, unlimited, tokens != null, coolDown, fenceNanos, stopped));
  }

  private boolean takeRow(long tokensPerRow, long now) {
    if (requests != null && !requests.tryTake(1, now)) {
      return false;
    }
    if (tokens != null && !tokens.tryTake((double) tokensPerRow, now)) {
      if (requests != null) {
        requests.refund(1);
      }
      return false;
    }
    return true;
  }

  /** Shares the slots max-min fairly by demand; a process keeps what it has in use. */
  private int slotsFor(Session asking, long now) {
    sessions
        .entrySet()
        .removeIf(
            entry -> {
              Session session = entry.getValue();
              boolean gone = session != asking && now - session.seenAt > slotRetention.toNanos();
              if (gone) {
                silent.put(entry.getKey(), session);
              }
              return gone;
            });
    int total = Math.min(succeeded ? Integer.MAX_VALUE : canaries(), limits.concurrency());
    int fair = fairShare(asking, total);
    int heldByOthers = 0;
    for (Session session : sessions.values()) {
      if (session != asking) {
        heldByOthers += session.held();
      }
    }
    asking.slots = Math.max(0, Math.min(fair, total - heldByOthers));
    return asking.slots;
  }

  /**
   * Those not refused yet, so that refusals that stop the job are not followed by more requests.
   */
  private int canaries() {
    long refused = 0;
    for (StatusMeaning meaning : StatusMeaning.values()) {
      refused += meaning.stopCode().isPresent() ? meanings[meaning.ordinal()] : 0;
    }
    return (int) Math.max(1, CANARIES - refused);
  }

  /** Water-filling: small demands are met whole, the rest is shared equally, a surplus too. */
  private int fairShare(Session asking, int total) {
    List<Session> modestFirst = new ArrayList<>(sessions.values());
    modestFirst.sort(Comparator.comparingInt(Session::demand));
    int left = total;
    int remaining = modestFirst.size();
    int share = 0;
    for (Session session : modestFirst) {
      int equal = (left + remaining - 1) / remaining;
      int part = Math.min(session.demand(), equal);
      if (session == asking) {
        share = part;
      }
      left -= part;
      remaining--;
    }
    return share + left / modestFirst.size();
  }

  /** Takes back what a process held that has nothing under way any more. */
  public synchronized void leave(String id) {
    Session active = sessions.remove(id);
    Session session = active == null ? silent.remove(id) : active;
    if (session != null) {
      departed = departed.plus(session.progress);
    }
  }

  /** Lets nothing new out; what is under way may end. The first reason stays. */
  public synchronized void stop(ErrorCode code, String detail) {
    if (stopReason == null) {
      stopReason = new StopReason(code, detail);
    }
  }

  /** Lets nothing new out, without a reason of its own. */
  public synchronized void drain() {
    draining = true;
  }

  public synchronized Optional<StopReason> stopReason() {
    return Optional.ofNullable(stopReason);
  }

  /** Totals of all processes. */
  public synchronized Progress progress() {
    Progress sum = departed;
    for (Session session : sessions.values()) {
      sum = sum.plus(session.progress);
    }
    for (Session session : silent.values()) {
      sum = sum.plus(session.progress);
    }
    return sum;
  }

  /** Attempts under way, as last reported. */
  public synchronized int inFlight() {
    return sessions.values().stream().mapToInt(session -> session.inFlight).sum();
  }

  /** Remaining pause that the endpoint asked for. */
  public synchronized Duration coolDown() {
    return Duration.ofNanos(Math.max(0, coolDownUntil - ticker.nanos()));
  }

  public synchronized boolean hasSucceeded() {
    return succeeded;
  }

  private record Waiter(
      Session session, QuotaRequest request, CompletableFuture<QuotaReply> answer, long since) {}

  private static final class Session {
    /** What the last answer granted. */
    private int slots;

    /** What the session works with: an answer that lowers it counts only once it is heard. */
    private int inUse;

    private long grantedRows;
    private long grantedTokens;
    private long tokenRefund;
    private long[] meanings = new long[StatusMeaning.values().length];
    private int inFlight;
    private int waiting;
    private long seenAt;
    private Progress progress = Progress.ZERO;

    void report(QuotaRequest request, long now) {
      inUse = request.slots();
      grantedRows = request.receivedRows();
      grantedTokens = request.receivedTokens();
      tokenRefund = request.tokenRefund();
      meanings = request.meanings();
      inFlight = request.inFlight();
      waiting = request.waiting();
      progress = request.progress();
      seenAt = now;
    }

    int demand() {
      return inFlight + waiting;
    }

    int held() {
      return Math.max(Math.max(slots, inUse), inFlight);
    }
  }
}

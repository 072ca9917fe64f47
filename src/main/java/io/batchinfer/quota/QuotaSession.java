package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.AttemptChannel;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The executor's side of the shared limits: lets attempts out as far as grants reach and asks the
 * authority for more as slots get free. Attempts that wait are let out by whichever thread brings
 * the permit, usually the event loop that just finished another attempt. Thread-safe.
 */
public final class QuotaSession implements AutoCloseable {
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration IDLE_INTERVAL = Duration.ofMillis(500);
  private static final Duration BUSY_INTERVAL = Duration.ofMillis(200);
  private static final Duration RATED_INTERVAL = Duration.ofMillis(10);

  private final String id;
  private final Quota port;
  private final Elapsed elapsed;
  private final Ticker ticker;
  private final Scheduler scheduler;
  private final Supplier<Progress> progress;

  private final Object lock = new Object();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private long waitingTokens;
  private int inFlight;
  private int slots;
  private int rows;
  private long tokens;
  private boolean unlimited;
  private boolean countsTokens;
  private long coolDownUntil;
  private Elapsed.Mark fenceFrom;
  private long fenceNanos;
  private boolean stopped;
  private boolean halted;
  private Runnable onStop = () -> {};
  private boolean closed;
  private boolean asking;
  private boolean askAgain;
  private Scheduler.@Nullable Cancellable timer;
  private boolean succeeded;
  private long tokenRefund;
  private long askedCoolDown;
  private long receivedRows;
  private long receivedTokens;
  private final long[] meanings = new long[StatusMeaning.values().length];
  private long[] reported = new long[meanings.length];
  private String detail = "";

  /** The port to the authority, with messages already decoded. */
  @FunctionalInterface
  public interface Quota {
    CompletionStage<QuotaReply> ask(QuotaRequest request);
  }

  /**
   * @param id name of this process, unique among all runs
   * @param progress totals to report with every request
   */
  public QuotaSession(
      String id,
      Quota port,
      Elapsed elapsed,
      Ticker ticker,
      Scheduler scheduler,
      Supplier<Progress> progress) {
    this.id = id;
    this.port = port;
    this.elapsed = elapsed;
    this.ticker = ticker;
    this.scheduler = scheduler;
    this.progress = progress;
    this.fenceFrom = elapsed.mark();
    this.coolDownUntil = ticker.nanos();
  }

  /**
   * Begins to ask.
   *
   * @param whenStopped run once, when the authority lets nothing out any more
   */
  public void start(Runnable whenStopped) {
    onStop = whenStopped;
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
    synchronized (lock) {
      halted = true;
    }
  }

  /** Whether any attempt of this process was answered with success. */
  public boolean hasSucceeded() {
    synchronized (lock) {
      return succeeded;
    }
  }

  /** Whether the authority has heard of every attempt and lets the run go on. */
  public boolean isReported() {
    synchronized (lock) {
      return !asking && !stopped && Arrays.equals(meanings, reported);
    }
  }

  /** Attempts that this process may have under way at once. */
  public int slots() {
    synchronized (lock) {
      return slots;
    }
  }

  public int inFlight() {
    synchronized (lock) {
      return inFlight;
    }
  }

  /** Puts the limits in front of a channel. */
  public AttemptChannel limit(AttemptChannel next) {
    return request -> {
      Waiting entry = new Waiting(next, request);
      synchronized (lock) {
        waiting.addLast(entry);
        waitingTokens += request.estimatedTokens();
      }
      letOut();
      return entry.result;
    };
  }

  private void letOut() {
    while (true) {
      Waiting next;
      boolean askNow;
      synchronized (lock) {
        next = admit();
        askNow = next == null && !waiting.isEmpty() && inFlight < slots && needsRate() && !asking;
      }
      if (askNow) {
        ask();
      }
      if (next == null) {
        return;
      }
      send(next);
    }
  }

  private @Nullable Waiting admit() {
    if (stopped || halted || closed || inFlight >= slots || waiting.isEmpty()) {
      return null;
    }
    if (coolDownUntil - ticker.nanos() > 0 || elapsed.since(fenceFrom).toNanos() >= fenceNanos) {
      return null;
    }
    Waiting head = waiting.peekFirst();
    if (!unlimited) {
      if (rows < 1 || (countsTokens && tokens < head.request.estimatedTokens())) {
        return null;
      }
      rows--;
      tokens -= head.request.estimatedTokens();
    }
    waiting.removeFirst();
    waitingTokens -= head.request.estimatedTokens();
    inFlight++;
    return head;
  }

  private boolean needsRate() {
    return !unlimited && slots > 0;
  }

  private void send(Waiting entry) {
    entry
        .next
        .attempt(entry.request)
        .whenComplete(
            (attempt, unused) -> {
              boolean firstSuccess;
              synchronized (lock) {
                inFlight--;
                firstSuccess = account(entry.request, attempt);
                if (!succeeded && attempt.meaning().stopCode().isPresent()) {
                  slots--;
                }
              }
              boolean urgent = attempt.meaning().stopCode().isPresent();
              if (firstSuccess || urgent) {
                ask();
              }
              letOut();
              entry.result.complete(attempt);
            });
  }

  /** Books an attempt; returns whether it is the first success. */
  private boolean account(OutboundRequest request, Attempt attempt) {
    meanings[attempt.meaning().ordinal()]++;
    ReplyFacts facts = attempt.facts();
    if (facts != null && attempt.meaning() == StatusMeaning.ANSWERED) {
      long used = facts.usage().total();
      if (used > 0) {
        tokenRefund += request.estimatedTokens() - used;
      }
    } else if (attempt.meaning().retry() == StatusMeaning.Retry.WHEN_TOLD) {
      tokenRefund += request.estimatedTokens();
    }
    Optional<Duration> pause = attempt.retryAfter();
    if (pause.isPresent() && attempt.meaning().retry() != StatusMeaning.Retry.NONE) {
      long nanos = pause.get().toNanos();
      askedCoolDown = Math.max(askedCoolDown, nanos);
      coolDownUntil = Math.max(coolDownUntil, ticker.nanos() + nanos);
    }
    if (attempt.meaning().stopCode().isPresent()) {
      detail = detailOf(attempt);
    }
    boolean first = attempt.meaning() == StatusMeaning.ANSWERED && !succeeded;
    succeeded |= first;
    return first;
  }

  private static String detailOf(Attempt attempt) {
    if (attempt.failure() != null) {
      return String.valueOf(attempt.failure().getMessage());
    }
    String words = attempt.facts() == null ? "" : attempt.facts().errorMessage();
    String status = attempt.reply() == null ? "" : "status " + attempt.reply().status();
    String shortened = words.length() > 300 ? words.substring(0, 300) + "…" : words;
    return shortened.isEmpty() ? status : status + ": " + shortened;
  }

  /** A timer that has fired must not be taken for one that is still to come. */
  private void askOnTime() {
    synchronized (lock) {
      timer = null;
    }
    ask();
  }

  private void ask() {
    QuotaRequest request;
    Elapsed.Mark askedAt;
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
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
      giveBackIdlePermits();
      int ahead = Math.min(waiting.size(), Math.max(0, slots - inFlight));
      int wanted = unlimited ? 0 : Math.max(0, ahead - rows);
      request =
          new QuotaRequest(
              id,
              slots,
              inFlight,
              waiting.size(),
              waitingTokens,
              wanted,
              countsTokens || wanted > 0 ? Math.max(0, tokensOfNext(ahead) - tokens) : 0,
              receivedRows,
              receivedTokens,
              tokenRefund,
              askedCoolDown,
              meanings.clone(),
              detail,
              progress.get());
      askedCoolDown = 0;
    }
    CompletionStage<QuotaReply> answer;
    try {
      answer = port.ask(request);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    answer.whenComplete((reply, failure) -> receive(request, reply, failure, askedAt));
  }

  /**
   * Permits that cannot be spent now would otherwise be saved up over a stall or a pause and exceed
   * the rate when spent.
   */
  private void giveBackIdlePermits() {
    boolean paused = coolDownUntil - ticker.nanos() > 0;
    if (paused || inFlight >= slots || waiting.isEmpty()) {
      receivedRows -= rows;
      rows = 0;
      receivedTokens -= tokens;
      tokens = 0;
    }
  }

  private long tokensOfNext(int ahead) {
    return waiting.stream().limit(ahead).mapToLong(entry -> entry.request.estimatedTokens()).sum();
  }

  private void receive(
      QuotaRequest request,
      @Nullable QuotaReply reply,
      @Nullable Throwable failure,
      Elapsed.Mark askedAt) {
    Duration next;
    boolean justStopped = false;
    synchronized (lock) {
      asking = false;
      if (closed) {
        return;
      }
      if (reply == null || failure != null) {
        askedCoolDown = Math.max(askedCoolDown, request.coolDownNanos());
        next = FIRST_RETRY;
      } else {
        slots = reply.slots() - unreportedRefusals(request);
        rows += reply.rows();
        tokens += reply.tokens();
        receivedRows += reply.rows();
        receivedTokens += reply.tokens();
        reported = request.meanings();
        unlimited = reply.unlimited();
        countsTokens = reply.countsTokens();
        justStopped = reply.stopped() && !stopped;
        stopped = reply.stopped();
        coolDownUntil = Math.max(coolDownUntil, ticker.nanos() + reply.coolDownNanos());
        fenceFrom = askedAt;
        fenceNanos = reply.fenceNanos();
        if (askAgain) {
          next = Duration.ZERO;
        } else if (waiting.isEmpty() && inFlight == 0) {
          next = IDLE_INTERVAL;
        } else if (coolDownUntil > ticker.nanos()) {
          next = min(Duration.ofNanos(coolDownUntil - ticker.nanos()), BUSY_INTERVAL);
        } else {
          next = unlimited || waiting.isEmpty() ? BUSY_INTERVAL : RATED_INTERVAL;
        }
      }
    }
    synchronized (lock) {
      if (timer == null && !closed) {
        timer = scheduler.schedule(this::askOnTime, next);
      }
    }
    if (justStopped) {
      onStop.run();
    }
    letOut();
  }

  /** Before the first success, refusals that the authority's answer does not take into account. */
  private int unreportedRefusals(QuotaRequest request) {
    long refusals = 0;
    for (StatusMeaning meaning : StatusMeaning.values()) {
      if (meaning.stopCode().isPresent()) {
        refusals += meanings[meaning.ordinal()] - request.count(meaning);
      }
    }
    return succeeded ? 0 : (int) refusals;
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  /** Stops asking; attempts that still wait are dropped by whoever waits for them. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
  }

  private static final class Waiting {
    private final AttemptChannel next;
    private final OutboundRequest request;
    private final CompletableFuture<Attempt> result = new CompletableFuture<>();

    Waiting(AttemptChannel next, OutboundRequest request) {
      this.next = next;
      this.request = request;
    }
  }
}

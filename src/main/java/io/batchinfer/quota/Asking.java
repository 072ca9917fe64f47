package io.batchinfer.quota;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.client.Attempt;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * When a process asks the driver: one question at a time, the next when it is due or as soon as
 * something is urgent. Thread-safe; holds no lock while it calls anyone.
 */
final class Asking {
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration MOST_ROUND_TRIP = Duration.ofSeconds(1);

  private final AuthorityPort port;
  private final Elapsed elapsed;
  private final Ticker ticker;
  private final Scheduler scheduler;
  private final Asker asker;

  @GuardedBy("this")
  private boolean asking;

  @GuardedBy("this")
  private boolean again;

  @GuardedBy("this")
  private Scheduler.@Nullable Cancellable timer;

  @GuardedBy("this")
  private long roundTripNanos;

  @GuardedBy("this")
  private boolean closed;

  /** Who has something to ask. */
  interface Asker {
    /**
     * What to ask now.
     *
     * @param roundTripNanos how long an answer takes
     */
    QuotaRequest question(long roundTripNanos);

    /** Takes in an answer. */
    FollowUp take(Answer answer);

    /** Takes in that a question, or its answer, got lost. */
    void lost(QuotaRequest question);

    /** Is told what breaks the asking. */
    void failed(Throwable thrown);
  }

  /**
   * An answer.
   *
   * @param askedAt when the question was asked
   * @param handledAt about when the driver handled it, by this process's own ticker
   */
  record Answer(QuotaRequest question, QuotaReply reply, Elapsed.Mark askedAt, long handledAt) {}

  /**
   * What follows from an answer.
   *
   * @param pause until the next question is due
   * @param then to be done once that is settled
   */
  record FollowUp(Duration pause, Runnable then) {}

  Asking(AuthorityPort port, Elapsed elapsed, Ticker ticker, Scheduler scheduler, Asker asker) {
    this.port = port;
    this.elapsed = elapsed;
    this.ticker = ticker;
    this.scheduler = scheduler;
    this.asker = asker;
  }

  /** Asks now, or right after the question that is open. */
  void ask() {
    synchronized (this) {
      if (closed) {
        return;
      }
      if (asking) {
        again = true;
        return;
      }
      asking = true;
      again = false;
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
    }
    Elapsed.Mark askedAt = elapsed.mark();
    long askedNanos = ticker.nanos();
    QuotaRequest question;
    CompletionStage<QuotaReply> answer;
    try {
      question = asker.question(roundTripNanos());
      answer = Objects.requireNonNull(port.ask(question), "no stage of an answer");
    } catch (Throwable thrown) {
      // A driver that is out of reach is told by the stage.
      asker.failed(thrown);
      return;
    }
    answer.whenComplete((reply, failure) -> receive(question, reply, failure, askedAt, askedNanos));
  }

  private synchronized long roundTripNanos() {
    return roundTripNanos;
  }

  /** Whether a question is open. */
  synchronized boolean isOpen() {
    return asking;
  }

  private void receive(
      QuotaRequest question,
      @Nullable QuotaReply reply,
      @Nullable Throwable failure,
      Elapsed.Mark askedAt,
      long askedNanos) {
    try {
      if (reply == null) {
        asker.lost(question);
        askAfter(FIRST_RETRY);
      } else {
        take(question, reply, askedAt, askedNanos);
      }
    } catch (Throwable thrown) {
      asker.failed(thrown);
    }
    // A driver that is out of reach may come back; an Error of this process stays.
    if (failure != null && Attempt.causeOf(failure) instanceof Error error) {
      asker.failed(error);
    }
  }

  private void take(
      QuotaRequest question, QuotaReply reply, Elapsed.Mark askedAt, long askedNanos) {
    long now = ticker.nanos();
    // An answer that comes late finds its permits lapsed, even where the machine was suspended
    // meanwhile, of which the ticker knows nothing.
    long suspended = elapsed.since(askedAt).toNanos() - (now - askedNanos);
    long handledAt = askedNanos + reply.heldNanos() - Math.max(0, suspended);
    synchronized (this) {
      if (closed) {
        asking = false;
        return;
      }
      long roundTrip = Math.max(0, Math.min(MOST_ROUND_TRIP.toNanos(), now - handledAt));
      // Rather too long than too short: a permit that comes late has lapsed.
      roundTripNanos = Math.max(roundTrip, (roundTripNanos * 15 + roundTrip) / 16);
    }
    @Nullable FollowUp next = null;
    try {
      next = asker.take(new Answer(question, reply, askedAt, handledAt));
    } finally {
      synchronized (this) {
        if (next == null) {
          asking = false;
        } else {
          askAfter(again ? Duration.ZERO : next.pause());
        }
      }
    }
    next.then().run();
  }

  private synchronized void askAfter(Duration pause) {
    asking = false;
    if (timer == null && !closed) {
      timer = scheduler.schedule(this::askOnTime, pause);
    }
  }

  /** A timer that has fired must not be taken for one that is still to come. */
  private void askOnTime() {
    synchronized (this) {
      timer = null;
    }
    ask();
  }

  /** Asks nothing any more, and hears no answer. */
  synchronized void close() {
    closed = true;
  }
}

package io.batchinfer.client;

import io.batchinfer.policy.Neighbours;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.policy.RowHistory;
import io.batchinfer.policy.RowOutages;
import io.batchinfer.policy.RowOutages.Next;
import io.batchinfer.policy.StatusMeaning.Retry;
import io.batchinfer.time.Scheduler;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The one retry ladder: makes attempts until the rule says that the last one decides. */
public final class RetryingChannel {
  private final AttemptChannel attempts;
  private final RetryRule rule;
  private final Scheduler scheduler;
  private final Neighbours rows = new Neighbours();

  RetryingChannel(AttemptChannel attempts, RetryRule rule, Scheduler scheduler) {
    this.attempts = attempts;
    this.rule = rule;
    this.scheduler = scheduler;
  }

  /**
   * Sends a request until it is settled. The stage completes exceptionally only by a defect of this
   * program, which leaves the row open.
   */
  public CompletionStage<Settlement> send(OutboundRequest request) {
    Ladder ladder = new Ladder(request);
    ladder.climb();
    return ladder.settled;
  }

  private final class Ladder {
    private final OutboundRequest request;
    private final RowHistory history = rows.newRow();
    private final RowOutages outages = history.outages();
    private final CompletableFuture<Settlement> settled = new CompletableFuture<>();
    private int sent;
    private int counted;
    private int throttled;
    private int mayHaveRun;

    /** Of those that may have run, the ones that no outage took along. */
    private int ambiguous;

    Ladder(OutboundRequest request) {
      this.request = request;
    }

    void climb() {
      try {
        attempts.attempt(request, history).whenComplete(this::ended);
      } catch (Throwable thrown) {
        settled.completeExceptionally(thrown);
      }
    }

    private void ended(@Nullable Attempt attempt, @Nullable Throwable failure) {
      try {
        decide(attempt == null ? Attempt.broken(failure) : attempt);
      } catch (Throwable thrown) {
        settled.completeExceptionally(thrown);
      }
    }

    private void decide(Attempt attempt) {
      Next next = rule.afterOutage(outages);
      if (next == Next.BY_TABLE) {
        decideByTable(attempt);
        return;
      }
      if (attempt.reply() != null
          || (attempt.failure() != null && attempt.failure().kind().mayHaveRun())) {
        sent++;
      }
      if (attempt.mayHaveRun() || outages.mayHaveRun()) {
        mayHaveRun++;
      }
      if (next == Next.AGAIN) {
        climb();
      } else {
        settle(attempt, next == Next.CRASHES_ENDPOINT);
      }
    }

    private void decideByTable(Attempt attempt) {
      boolean putOff = attempt.meaning().retry() == Retry.WHEN_TOLD;
      if (putOff) {
        throttled++;
      } else {
        counted++;
      }
      if (attempt.reply() != null
          || (attempt.failure() != null && attempt.failure().kind().mayHaveRun())) {
        sent++;
      }
      if (attempt.mayHaveRun()) {
        mayHaveRun++;
        ambiguous++;
      }
      Optional<Duration> wait =
          rule.next(attempt.meaning(), counted, ambiguous, throttled, attempt.retryAfter());
      if (wait.isPresent()) {
        scheduler.schedule(this::climb, wait.get());
      } else {
        settle(attempt, false);
      }
    }

    private void settle(Attempt last, boolean crashesEndpoint) {
      settled.complete(new Settlement(last, sent, mayHaveRun, outages.count(), crashesEndpoint));
    }
  }
}

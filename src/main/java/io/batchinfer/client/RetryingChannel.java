package io.batchinfer.client;

import io.batchinfer.model.Misfit;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.Neighbours;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.policy.RowHistory;
import io.batchinfer.policy.RowOutages;
import io.batchinfer.policy.RowOutages.Next;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.policy.StatusMeaning.Retry;
import io.batchinfer.time.Scheduler;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The one retry ladder: makes attempts until the rule says that the last one decides. */
public final class RetryingChannel implements SettlingChannel {
  private final AttemptChannel attempts;
  private final RetryRule rule;
  private final Scheduler scheduler;
  private final Neighbours rows = new Neighbours();

  /** Rows that have an answer, for which they paid, and are asked again for a better one. */
  private final Set<Ladder> repaired = ConcurrentHashMap.newKeySet();

  RetryingChannel(AttemptChannel attempts, RetryRule rule, Scheduler scheduler) {
    this.attempts = attempts;
    this.rule = rule;
    this.scheduler = scheduler;
  }

  @Override
  public CompletionStage<Settlement> send(OutboundRequest request, boolean suspect) {
    Ladder ladder = new Ladder(request, suspect ? rows.newSuspect() : rows.newRow());
    ladder.climb();
    return ladder.settled;
  }

  /**
   * Settles the rows that wait to be asked again with the answers that they have. To be called when
   * nothing is under way and nothing is let out any more: those answers are paid for.
   */
  public void settleRepaired() {
    repaired.forEach(Ladder::giveUpRepair);
  }

  private final class Ladder {
    private final OutboundRequest first;
    private OutboundRequest request;
    private final RowHistory history;
    private final RowOutages outages;
    private final CompletableFuture<Settlement> settled = new CompletableFuture<>();
    private int sent;
    private int counted;
    private int throttled;
    private int mayHaveRun;

    /** Of those that may have run, the ones that no outage took along. */
    private int ambiguous;

    private int repairs;

    /** How the row ends unless it gets a better answer. */
    private volatile @Nullable Settlement unfit;

    Ladder(OutboundRequest request, RowHistory history) {
      this.first = request;
      this.request = request;
      this.history = history;
      this.outages = history.outages();
    }

    void climb() {
      if (settled.isDone()) {
        return;
      }
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
      if (isRepairable(attempt) && rule.repairs(counted, repairs)) {
        repair(attempt);
        return;
      }
      Optional<Duration> wait =
          rule.next(attempt.meaning(), counted, ambiguous, throttled, attempt.retryAfter());
      if (wait.isPresent()) {
        scheduler.schedule(this::climb, wait.get());
      } else {
        settle(attempt, false);
      }
    }

    private void repair(Attempt attempt) {
      unfit = settlement(attempt, false);
      repaired.add(this);
      repairs++;
      request = first.anew(repairs);
      climb();
    }

    /** A row that has an answer does not lose it to what came of asking again. */
    private void settle(Attempt last, boolean crashesEndpoint) {
      Settlement before = unfit;
      if (before == null) {
        settled.complete(settlement(last, crashesEndpoint));
        return;
      }
      repaired.remove(this);
      settled.complete(
          last.meaning() == StatusMeaning.ANSWERED
              ? settlement(last, false)
              : new Settlement(
                  before.last(), sent, mayHaveRun, outages.count(), false, before.usedBefore()));
    }

    private Settlement settlement(Attempt last, boolean crashesEndpoint) {
      Settlement before = unfit;
      Usage used = before == null ? Usage.NONE : before.usedBefore().plus(usageOf(before.last()));
      return new Settlement(last, sent, mayHaveRun, outages.count(), crashesEndpoint, used);
    }

    private void giveUpRepair() {
      Settlement before = unfit;
      if (before != null) {
        repaired.remove(this);
        settled.complete(before);
      }
    }
  }

  private static boolean isRepairable(Attempt attempt) {
    ReplyFacts facts = attempt.facts();
    return facts != null && facts.misfit().map(Misfit::isRepairable).orElse(false);
  }

  private static Usage usageOf(Attempt attempt) {
    ReplyFacts facts = attempt.facts();
    return facts == null ? Usage.NONE : facts.usage();
  }
}

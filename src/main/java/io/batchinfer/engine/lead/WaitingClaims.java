package io.batchinfer.engine.lead;

import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.ClaimAnswer.Nothing;
import io.batchinfer.engine.lead.OpenSplits.Holder;
import io.batchinfer.time.Elapsed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Claims that found nothing and wait, oldest first. Answers are collected, to be given when the
 * lock of whoever owns this is free. Not thread-safe.
 */
final class WaitingClaims {
  private final Elapsed elapsed;

  /** A worker waits for one answer at a time. */
  private final Map<Holder, Waiting> waiting = new LinkedHashMap<>();

  WaitingClaims(Elapsed elapsed) {
    this.elapsed = elapsed;
  }

  private record Waiting(Elapsed.Mark since, CompletableFuture<ClaimAnswer> answer) {}

  /** Answers that are decided and not given yet. */
  static final class Answers {
    private final List<Runnable> decided = new ArrayList<>();

    private void add(Waiting claim, ClaimAnswer answer) {
      decided.add(() -> claim.answer().complete(answer));
    }

    void give() {
      decided.forEach(Runnable::run);
    }
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  int size() {
    return waiting.size();
  }

  /** Lets a claim wait; an older one of the same worker was given up by it. */
  CompletionStage<ClaimAnswer> add(Holder worker, Answers answers) {
    drop(worker, answers);
    Waiting claim = new Waiting(elapsed.mark(), new CompletableFuture<>());
    waiting.put(worker, claim);
    return claim.answer();
  }

  /** The worker is gone. */
  void drop(Holder worker, Answers answers) {
    Waiting before = waiting.remove(worker);
    if (before != null) {
      answers.add(before, Nothing.FINISHED);
    }
  }

  /** All workers of these processes are gone. */
  void dropSessions(Collection<String> sessions, Answers answers) {
    List<Holder> gone =
        waiting.keySet().stream().filter(worker -> sessions.contains(worker.session())).toList();
    gone.forEach(worker -> drop(worker, answers));
  }

  /** Answers that nothing is left. */
  void finish(Answers answers) {
    waiting.values().forEach(claim -> answers.add(claim, Nothing.FINISHED));
    waiting.clear();
  }

  /** Answers those that waited for that long that they may ask again. */
  void sendAway(Duration after, Answers answers) {
    Iterator<Waiting> oldestFirst = waiting.values().iterator();
    while (oldestFirst.hasNext()) {
      Waiting claim = oldestFirst.next();
      if (elapsed.since(claim.since()).compareTo(after) < 0) {
        return;
      }
      oldestFirst.remove();
      answers.add(claim, Nothing.LATER);
    }
  }

  /**
   * Offers what there is, oldest first.
   *
   * @param grant what a worker gets, or null to let it wait on
   * @param left whether there is anything left to offer
   * @return claims that were looked at
   */
  int offer(Function<Holder, @Nullable ClaimAnswer> grant, BooleanSupplier left, Answers answers) {
    int looks = 0;
    Iterator<Map.Entry<Holder, Waiting>> oldestFirst = waiting.entrySet().iterator();
    while (left.getAsBoolean() && oldestFirst.hasNext()) {
      Map.Entry<Holder, Waiting> claim = oldestFirst.next();
      looks++;
      @Nullable ClaimAnswer granted = grant.apply(claim.getKey());
      if (granted != null) {
        oldestFirst.remove();
        answers.add(claim.getValue(), granted);
      }
    }
    return looks;
  }
}

package io.batchinfer.engine.lead;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.engine.lead.WaitingClaims.Answers;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Lets one call at a time reach the ledger. What a call decided is done when the next one may come
 * in: answers are given and journals are read outside the lock. Thread-safe.
 */
final class LedgerCalls {
  private final Object lock = new Object();

  @GuardedBy("lock")
  private int mostSteps;

  /** What a call decided, and how much it looked at. */
  static final class Call {
    private final Answers answers = new Answers();
    private final Set<Integer> lost = new TreeSet<>();
    private final Set<String> writers = new HashSet<>();
    private int steps = 1;

    Answers answers() {
      return answers;
    }

    /** The split is lost, and these had it. */
    void lost(int split, Collection<String> formerHolders) {
      steps++;
      lost.add(split);
      writers.addAll(formerHolders);
    }

    /** So many processes, splits or claims were looked at. */
    void steps(int more) {
      steps += more;
    }
  }

  <T> T one(LostJournals journals, Function<Call, T> body) {
    Call call = new Call();
    try {
      synchronized (lock) {
        T result = body.apply(call);
        mostSteps = Math.max(mostSteps, call.steps);
        return result;
      }
    } finally {
      // What was decided before something was thrown is decided: nobody may wait for it in vain.
      try {
        if (!call.lost.isEmpty()) {
          journals.lost(call.lost, call.writers);
        }
      } finally {
        call.answers.give();
      }
    }
  }

  /** The most that one call looked at. */
  int mostSteps() {
    synchronized (lock) {
      return mostSteps;
    }
  }
}

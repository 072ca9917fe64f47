package io.batchinfer.engine.lead;

import io.batchinfer.engine.lead.LedgerCalls.Call;
import io.batchinfer.engine.lead.OpenSplits.Holder;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Takes splits back from workers that left, fell silent or died; their claims end with them. For
 * one call of the ledger at a time.
 */
final class SplitReturns {
  private final OpenSplits splits;
  private final WaitingClaims waiting;
  private final Suspects suspects;
  private final SilentSessions silences;

  SplitReturns(
      OpenSplits splits, WaitingClaims waiting, Suspects suspects, SilentSessions silences) {
    this.splits = splits;
    this.waiting = waiting;
    this.suspects = suspects;
    this.silences = silences;
  }

  /** Takes the splits of processes that fell silent, looking for them now and then. */
  void sweep(Call call) {
    Set<String> silent = silences.look(splits.holdingSessions(), call);
    silent.forEach(session -> silences.took(session, splits.heldBy(session)));
    if (!silent.isEmpty()) {
      ended(silent, call);
    }
  }

  /** A worker wants nothing more. */
  void left(Holder worker, Call call) {
    waiting.drop(worker, call.answers());
    giveBack(worker.session(), worker.worker()::equals, call);
  }

  /** These processes have ended, or count as if they had. */
  void ended(Set<String> sessions, Call call) {
    call.steps(waiting.size());
    waiting.dropSessions(sessions, call.answers());
    for (String session : sessions) {
      giveBack(session, any -> true, call);
    }
  }

  /** These processes died: what they held, or what was taken from them, may be to blame. */
  void died(Collection<String> sessions, Death death) {
    Set<Integer> theirs = new TreeSet<>();
    for (String session : sessions) {
      theirs.addAll(silences.takenFrom(session));
      theirs.addAll(splits.heldBy(session));
    }
    suspects.died(theirs, death);
  }

  private void giveBack(String session, Predicate<String> worker, Call call) {
    for (int split : splits.giveBack(session, worker)) {
      call.lost(split, splits.formerHolders(split));
    }
  }
}

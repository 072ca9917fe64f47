package io.batchinfer.engine.lead;

import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.ClaimAnswer.Nothing;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Workers of a test: each asks for one split at a time, and waits for that answer. */
final class Claimants {
  private final SplitLedger ledger;
  private final Map<String, CompletableFuture<ClaimAnswer>> waiting = new HashMap<>();

  Claimants(SplitLedger ledger) {
    this.ledger = ledger;
  }

  /** What the worker has been answered by now, {@link ClaimAnswer#LATER} while it waits. */
  ClaimAnswer claim(String session, String worker) {
    while (true) {
      CompletableFuture<ClaimAnswer> answer =
          waiting.computeIfAbsent(
              session + "/" + worker,
              unused -> ledger.claim(session, worker).toCompletableFuture());
      if (!answer.isDone()) {
        return Nothing.LATER;
      }
      waiting.remove(session + "/" + worker);
      if (!answer.join().equals(Nothing.LATER)) {
        return answer.join();
      }
    }
  }
}

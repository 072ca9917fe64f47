package io.batchinfer.engine.lead;

import io.batchinfer.engine.WorkerMessage.Claimed;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Workers of a test: each asks for one split at a time, and waits for that answer. */
final class Claimants {
  private final SplitLedger ledger;
  private final Map<String, CompletableFuture<Claimed>> waiting = new HashMap<>();

  Claimants(SplitLedger ledger) {
    this.ledger = ledger;
  }

  /** What the worker has been answered by now, {@link Claimed#LATER} while it waits. */
  Claimed claim(String session, String worker) {
    while (true) {
      CompletableFuture<Claimed> answer =
          waiting.computeIfAbsent(
              session + "/" + worker,
              unused -> ledger.claim(session, worker).toCompletableFuture());
      if (!answer.isDone()) {
        return Claimed.LATER;
      }
      waiting.remove(session + "/" + worker);
      if (!answer.join().equals(Claimed.LATER)) {
        return answer.join();
      }
    }
  }
}

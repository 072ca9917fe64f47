package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.policy.RowHistory;
import io.batchinfer.policy.RowOutages;
import java.util.concurrent.CompletableFuture;

/** An attempt that waits to be let out. */
final class WaitingRow {
  private final OutboundRequest request;
  private final RowHistory history;
  private final CompletableFuture<Attempt> result = new CompletableFuture<>();
  private long charged;

  WaitingRow(OutboundRequest request, RowHistory history) {
    this.request = request;
    this.history = history;
  }

  OutboundRequest request() {
    return request;
  }

  RowHistory history() {
    return history;
  }

  RowOutages outages() {
    return history.outages();
  }

  CompletableFuture<Attempt> result() {
    return result;
  }

  /** Tokens that were taken for it. */
  long charged() {
    return charged;
  }

  void charge(long tokens) {
    charged = tokens;
  }
}

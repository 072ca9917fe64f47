package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import java.util.concurrent.CompletableFuture;

/** An attempt that waits to be let out. */
final class WaitingRow {
  private final OutboundRequest request;
  private final CompletableFuture<Attempt> result = new CompletableFuture<>();
  private long charged;

  WaitingRow(OutboundRequest request) {
    this.request = request;
  }

  OutboundRequest request() {
    return request;
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

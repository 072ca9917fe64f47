package io.batchinfer.client;

import java.util.concurrent.CompletionStage;

/** One way to send requests, as often as it takes. */
@FunctionalInterface
public interface SettlingChannel {
  /**
   * Sends a request until it is settled. Returns at once and never blocks. The stage completes
   * exceptionally only by a defect of this program, which leaves the row open. It may complete on
   * any thread, event loops included, so dependants must be short.
   *
   * @param suspect whether it is part of a request that made an endpoint go away, so that it is to
   *     be under way alone
   */
  CompletionStage<Settlement> send(OutboundRequest request, boolean suspect);

  /** Sends a request of which nothing is suspected. */
  default CompletionStage<Settlement> send(OutboundRequest request) {
    return send(request, false);
  }
}

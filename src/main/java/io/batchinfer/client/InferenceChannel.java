package io.batchinfer.client;

import io.batchinfer.policy.SilentConnections;
import java.util.concurrent.CompletionStage;

/** One way to send a request. */
@FunctionalInterface
public interface InferenceChannel {
  /**
   * Sends one request. Returns at once and never blocks. The stage completes with whatever status
   * the endpoint answered, or exceptionally with a {@link TransportException} when there is no
   * complete answer. It may complete on any thread, event loops included, so dependants must be
   * short.
   */
  CompletionStage<Reply> send(OutboundRequest request);

  /**
   * What tells the endpoint from others that a run uses, the same in every process, such as its
   * base URL.
   */
  default String name() {
    return "the endpoint";
  }

  /** What is known of connections on which the endpoint does not answer; always the same. */
  default SilentConnections silentConnections() {
    return SilentConnections.UNKNOWN;
  }
}

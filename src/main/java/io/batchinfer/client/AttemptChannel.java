package io.batchinfer.client;

import java.util.concurrent.CompletionStage;

/** One way to make an attempt. The stage never completes exceptionally. */
@FunctionalInterface
public interface AttemptChannel {
  CompletionStage<Attempt> attempt(OutboundRequest request);
}

package io.batchinfer.quota;

import java.util.concurrent.CompletionStage;

/** The way to the authority of the whole cluster, messages already decoded. */
@FunctionalInterface
public interface AuthorityPort {
  CompletionStage<QuotaReply> ask(QuotaRequest request);
}

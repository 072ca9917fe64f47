package io.batchinfer.client;

import io.batchinfer.model.ReplyFacts;

/** Reads what the body of an answer says. Thread-safe; runs on event loops, so it must be short. */
@FunctionalInterface
public interface AnswerReader {
  ReplyFacts read(OutboundRequest request, byte[] body);
}

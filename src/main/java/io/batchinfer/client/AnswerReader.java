package io.batchinfer.client;

import io.batchinfer.model.ReplyFacts;

/** Reads what the body of an answer says. Thread-safe; runs on event loops, so it must be short. */
@FunctionalInterface
public interface AnswerReader {
  /** What the answer to a request says. */
  Reading read(OutboundRequest request, Reply reply);

  /**
   * An answer that was read.
   *
   * @param reply the answer; with a repaired body where it could only be read leniently
   */
  record Reading(Reply reply, ReplyFacts facts) {}
}

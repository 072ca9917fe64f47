package io.batchinfer.model.endpoint;

/** Mistral's conversations, whose options stand in {@code completion_args}. */
final class Conversations extends Endpoint {
  Conversations() {
    super("/v1/conversations", AnswerFields.COMPLETION);
  }
}

package io.batchinfer.model.endpoint;

/** Mistral's completions between a prompt and a suffix. */
final class FimCompletions extends Endpoint {
  FimCompletions() {
    super("/v1/fim/completions", AnswerFields.COMPLETION);
  }
}

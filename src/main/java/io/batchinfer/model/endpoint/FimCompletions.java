package io.batchinfer.model.endpoint;

import java.util.Optional;

/** Mistral's completions between a prompt and a suffix. */
final class FimCompletions extends Endpoint {
  FimCompletions() {
    super("/v1/fim/completions", AnswerFields.COMPLETION);
  }

  @Override
  public Optional<RequestContent> content() {
    return Optional.of(RequestContent.text("prompt"));
  }
}

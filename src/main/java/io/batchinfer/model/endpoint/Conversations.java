package io.batchinfer.model.endpoint;

import io.batchinfer.model.endpoint.RequestContent.ImageParts;
import java.util.Optional;

/** Mistral's conversations, whose options stand in {@code completion_args}. */
final class Conversations extends Endpoint {
  Conversations() {
    super("/v1/conversations", AnswerFields.COMPLETION);
  }

  @Override
  public Optional<RequestContent> content() {
    return Optional.of(new RequestContent("inputs", false, "instructions", ImageParts.IMAGE_URL));
  }
}

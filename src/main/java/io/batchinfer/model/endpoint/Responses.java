package io.batchinfer.model.endpoint;

import io.batchinfer.model.endpoint.RequestContent.ImageParts;
import java.util.Optional;

/** OpenAI's responses. */
final class Responses extends Endpoint {
  Responses() {
    super("/v1/responses", AnswerFields.RESPONSE);
  }

  @Override
  public Optional<RequestContent> content() {
    return Optional.of(new RequestContent("input", false, "instructions", ImageParts.INPUT_IMAGE));
  }
}

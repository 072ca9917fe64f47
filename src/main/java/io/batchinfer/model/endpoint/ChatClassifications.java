package io.batchinfer.model.endpoint;

import io.batchinfer.model.endpoint.RequestContent.ImageParts;
import java.util.Optional;

/** Labels of conversations by a trained classifier. */
final class ChatClassifications extends Endpoint {
  ChatClassifications() {
    super("/v1/chat/classifications", AnswerFields.COMPLETION);
  }

  @Override
  public boolean writesText() {
    return false;
  }

  @Override
  public Optional<RequestContent> content() {
    return Optional.of(new RequestContent("input", true, null, ImageParts.IMAGE_URL));
  }
}

package io.batchinfer.model.endpoint;

import io.batchinfer.model.endpoint.RequestContent.ImageParts;
import java.util.Optional;

/** Labels of what may be harmful in conversations. */
final class ChatModerations extends Endpoint {
  ChatModerations() {
    super("/v1/chat/moderations", AnswerFields.COMPLETION);
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

package io.batchinfer.model.endpoint;

import io.batchinfer.model.endpoint.RequestContent.ImageParts;
import java.util.Optional;

/** Chats, of OpenAI and everyone. */
final class ChatCompletions extends Endpoint {
  ChatCompletions() {
    super("/v1/chat/completions", AnswerFields.COMPLETION);
  }

  @Override
  public Optional<RequestContent> content() {
    return Optional.of(new RequestContent("messages", true, null, ImageParts.IMAGE_URL));
  }
}

package io.batchinfer.model.endpoint;

import io.batchinfer.model.endpoint.RequestContent.ImageParts;
import java.util.Map;
import java.util.Optional;

/** Anthropic's messages. */
final class Messages extends Endpoint {
  Messages() {
    super("/v1/messages", Map.of("system", RequestField.TEXT), AnswerFields.MESSAGE);
  }

  /** A request has to say where what may be cached ends. */
  @Override
  public boolean cachesBeginnings() {
    return false;
  }

  @Override
  public boolean isMedia(String name) {
    return name.equals("source") || super.isMedia(name);
  }

  @Override
  public Optional<RequestContent> content() {
    return Optional.of(new RequestContent("messages", true, "system", ImageParts.SOURCE));
  }
}

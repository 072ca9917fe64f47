package io.batchinfer.model.endpoint;

import java.util.Map;

/** Anthropic's messages. */
final class Messages extends Endpoint {
  Messages() {
    super("/v1/messages", Map.of("system", RequestField.TEXT), AnswerFields.MESSAGE);
  }

  @Override
  public boolean isMedia(String name) {
    return name.equals("source") || super.isMedia(name);
  }
}

package io.batchinfer.model.endpoint;

/** Labels of what may be harmful in conversations. */
final class ChatModerations extends Endpoint {
  ChatModerations() {
    super("/v1/chat/moderations", AnswerFields.COMPLETION);
  }

  @Override
  public boolean writesText() {
    return false;
  }
}

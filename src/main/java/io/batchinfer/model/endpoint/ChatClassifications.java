package io.batchinfer.model.endpoint;

/** Labels of conversations by a trained classifier. */
final class ChatClassifications extends Endpoint {
  ChatClassifications() {
    super("/v1/chat/classifications", AnswerFields.COMPLETION);
  }

  @Override
  public boolean writesText() {
    return false;
  }
}

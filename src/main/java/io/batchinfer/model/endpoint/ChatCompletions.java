package io.batchinfer.model.endpoint;

/** Chats, of OpenAI and everyone. */
final class ChatCompletions extends Endpoint {
  ChatCompletions() {
    super("/v1/chat/completions", AnswerFields.COMPLETION);
  }
}

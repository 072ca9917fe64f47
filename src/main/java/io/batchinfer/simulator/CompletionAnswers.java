package io.batchinfer.simulator;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** Answers of chat, fill-in-the-middle and plain completions. */
final class CompletionAnswers {
  private CompletionAnswers() {}

  static void chat(JsonGenerator json, AnswerFacts facts) throws IOException {
    open(json, facts, "chatcmpl-", "chat.completion");
    for (int i = 0; i < facts.choices(); i++) {
      json.writeStartObject();
      json.writeNumberField("index", i);
      json.writeObjectFieldStart("message");
      json.writeStringField("role", "assistant");
      writeContent(json, facts, i);
      json.writeEndObject();
      json.writeNullField("logprobs");
      json.writeStringField("finish_reason", facts.finishReason());
      json.writeEndObject();
    }
    close(json, facts);
  }

  private static void writeContent(JsonGenerator json, AnswerFacts facts, int choice)
      throws IOException {
    if (facts.tool().isEmpty()) {
      json.writeStringField("content", facts.textOf(choice));
      json.writeNullField("tool_calls");
      return;
    }
    json.writeNullField("content");
    json.writeArrayFieldStart("tool_calls");
    json.writeStartObject();
    json.writeStringField("id", facts.id("call_"));
    json.writeStringField("type", "function");
    json.writeObjectFieldStart("function");
    json.writeStringField("name", facts.tool().get());
    json.writeStringField("arguments", facts.textOf(choice));
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndArray();
  }

  static void completion(JsonGenerator json, AnswerFacts facts) throws IOException {
    open(json, facts, "cmpl-", "text_completion");
    for (int i = 0; i < facts.choices(); i++) {
      json.writeStartObject();
      json.writeNumberField("index", i);
      json.writeStringField("text", " " + facts.textOf(i));
      json.writeNullField("logprobs");
      json.writeStringField("finish_reason", facts.finishReason());
      json.writeEndObject();
    }
    close(json, facts);
  }

  private static void open(JsonGenerator json, AnswerFacts facts, String prefix, String object)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("id", facts.id(prefix));
    json.writeStringField("object", object);
    json.writeNumberField("created", facts.created());
    json.writeStringField("model", facts.model());
    json.writeStringField("system_fingerprint", SimulatedBy.FINGERPRINT);
    json.writeArrayFieldStart("choices");
  }

  private static void close(JsonGenerator json, AnswerFacts facts) throws IOException {
    json.writeEndArray();
    json.writeObjectFieldStart("usage");
    json.writeNumberField("prompt_tokens", facts.promptTokens());
    json.writeNumberField("completion_tokens", facts.completionTokens());
    json.writeNumberField("total_tokens", facts.totalTokens());
    if (facts.cachedTokens() > 0) {
      json.writeObjectFieldStart("prompt_tokens_details");
      json.writeNumberField("cached_tokens", facts.cachedTokens());
      json.writeEndObject();
    }
    json.writeEndObject();
    json.writeEndObject();
  }
}

package io.batchinfer.simulator;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** Answers of OpenAI's responses and Mistral's conversations. */
final class ResponseAnswers {
  private ResponseAnswers() {}

  static void response(JsonGenerator json, AnswerFacts facts) throws IOException {
    String status = facts.cut() ? "incomplete" : "completed";
    json.writeStartObject();
    json.writeStringField("id", facts.id("resp_"));
    json.writeStringField("object", "response");
    json.writeNumberField("created_at", facts.created());
    json.writeStringField("status", status);
    json.writeNullField("error");
    if (facts.cut()) {
      json.writeObjectFieldStart("incomplete_details");
      json.writeStringField("reason", "max_output_tokens");
      json.writeEndObject();
    } else {
      json.writeNullField("incomplete_details");
    }
    json.writeStringField("model", facts.model());
    json.writeStringField(SimulatedBy.FIELD, SimulatedBy.FINGERPRINT);
    json.writeArrayFieldStart("output");
    json.writeStartObject();
    if (facts.tool().isPresent()) {
      writeCall(json, facts, status);
    } else {
      writeMessage(json, facts, status);
    }
    json.writeEndObject();
    json.writeEndArray();
    json.writeBooleanField("parallel_tool_calls", true);
    json.writeStringField("tool_choice", "auto");
    json.writeArrayFieldStart("tools");
    json.writeEndArray();
    json.writeObjectFieldStart("usage");
    json.writeNumberField("input_tokens", facts.promptTokens());
    details(json, "input_tokens_details", "cached_tokens", facts.cachedTokens());
    json.writeNumberField("output_tokens", facts.completionTokens());
    details(json, "output_tokens_details", "reasoning_tokens", 0);
    json.writeNumberField("total_tokens", facts.totalTokens());
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void writeCall(JsonGenerator json, AnswerFacts facts, String status)
      throws IOException {
    json.writeStringField("type", "function_call");
    json.writeStringField("id", facts.id("fc_"));
    json.writeStringField("call_id", facts.id("call_"));
    json.writeStringField("name", facts.tool().orElseThrow());
    json.writeStringField("arguments", facts.textOf(0));
    json.writeStringField("status", status);
  }

  private static void writeMessage(JsonGenerator json, AnswerFacts facts, String status)
      throws IOException {
    json.writeStringField("type", "message");
    json.writeStringField("id", facts.id("msg_"));
    json.writeStringField("status", status);
    json.writeStringField("role", "assistant");
    json.writeArrayFieldStart("content");
    json.writeStartObject();
    json.writeStringField("type", "output_text");
    json.writeStringField("text", facts.textOf(0));
    json.writeArrayFieldStart("annotations");
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
  }

  static void conversation(JsonGenerator json, AnswerFacts facts) throws IOException {
    json.writeStartObject();
    json.writeStringField("object", "conversation.response");
    json.writeStringField("conversation_id", facts.id("conv_"));
    json.writeStringField(SimulatedBy.FIELD, SimulatedBy.FINGERPRINT);
    json.writeArrayFieldStart("outputs");
    json.writeStartObject();
    json.writeStringField("object", "entry");
    json.writeStringField("type", "message.output");
    json.writeStringField("id", facts.id("msg_"));
    json.writeStringField("role", "assistant");
    json.writeStringField("model", facts.model());
    json.writeStringField("content", facts.textOf(0));
    json.writeEndObject();
    json.writeEndArray();
    json.writeObjectFieldStart("usage");
    json.writeNumberField("prompt_tokens", facts.promptTokens());
    json.writeNumberField("completion_tokens", facts.completionTokens());
    json.writeNumberField("total_tokens", facts.totalTokens());
    json.writeNullField("connector_tokens");
    json.writeNullField("connectors");
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void details(JsonGenerator json, String name, String counter, int tokens)
      throws IOException {
    json.writeObjectFieldStart(name);
    json.writeNumberField(counter, tokens);
    json.writeEndObject();
  }
}

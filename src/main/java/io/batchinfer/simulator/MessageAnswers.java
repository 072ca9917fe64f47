package io.batchinfer.simulator;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** Answers of Anthropic's messages. */
final class MessageAnswers {
  private MessageAnswers() {}

  static void message(JsonGenerator json, AnswerFacts facts) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", facts.id("msg_"));
    json.writeStringField("type", "message");
    json.writeStringField("role", "assistant");
    json.writeStringField("model", facts.model());
    json.writeStringField(SimulatedBy.FIELD, SimulatedBy.FINGERPRINT);
    json.writeArrayFieldStart("content");
    json.writeStartObject();
    // Arguments that the limit cut off are no longer JSON, and are not given.
    boolean calls = facts.tool().isPresent() && !facts.cut();
    if (calls) {
      json.writeStringField("type", "tool_use");
      json.writeStringField("id", facts.id("toolu_"));
      json.writeStringField("name", facts.tool().get());
      json.writeFieldName("input");
      json.writeRawValue(facts.textOf(0));
    } else {
      json.writeStringField("type", "text");
      json.writeStringField("text", facts.textOf(0));
    }
    json.writeEndObject();
    json.writeEndArray();
    json.writeStringField(
        "stop_reason", facts.cut() ? "max_tokens" : calls ? "tool_use" : "end_turn");
    json.writeNullField("stop_sequence");
    json.writeObjectFieldStart("usage");
    json.writeNumberField("input_tokens", facts.promptTokens() - facts.cachedTokens());
    json.writeNumberField("cache_creation_input_tokens", 0);
    json.writeNumberField("cache_read_input_tokens", facts.cachedTokens());
    json.writeNumberField("output_tokens", facts.completionTokens());
    json.writeEndObject();
    json.writeEndObject();
  }
}

package io.batchinfer.simulator;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** A status with a body, ready to send. */
record Answer(int status, String contentType, byte[] body) {
  static final String JSON = "application/json";

  static Answer ok(byte[] json) {
    return new Answer(200, JSON, json);
  }

  /** The refusal as a provider of this style would put it. */
  static Answer of(Refusal refusal, ProviderStyle style) {
    return new Answer(refusal.status(), JSON, JsonBytes.of(json -> write(json, refusal, style)));
  }

  private static void write(JsonGenerator json, Refusal refusal, ProviderStyle style)
      throws IOException {
    json.writeStartObject();
    switch (style) {
      case OPENAI -> {
        json.writeObjectFieldStart("error");
        writeError(json, refusal);
        json.writeEndObject();
      }
      case MISTRAL -> {
        json.writeStringField("object", "error");
        writeError(json, refusal);
        json.writeNumberField("raw_status_code", refusal.status());
      }
    }
    json.writeStringField(SimulatedBy.FIELD, SimulatedBy.FINGERPRINT);
    json.writeEndObject();
  }

  private static void writeError(JsonGenerator json, Refusal refusal) throws IOException {
    json.writeStringField("message", refusal.message());
    json.writeStringField("type", refusal.type());
    json.writeStringField("param", refusal.parameter().orElse(null));
    json.writeStringField("code", refusal.code().orElse(null));
  }
}

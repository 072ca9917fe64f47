package io.batchinfer.testing.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Refusals as each dialect shows them. */
final class Refusals {
  private Refusals() {}

  static ProviderReply show(ProviderDialect dialect, ProviderRefusal refusal) {
    ObjectNode error = Json.object();
    boolean openAi = dialect == ProviderDialect.OPENAI;
    if (!openAi) {
      error.put("object", "error");
    }
    error.put("message", refusal.getMessage());
    error.put("type", refusal.status() == 429 ? "rate_limited" : "invalid_request_error");
    error.put("param", refusal.param().isEmpty() ? null : refusal.param());
    error.put("code", refusal.code().isEmpty() ? null : refusal.code());
    return ProviderReply.json(refusal.status(), openAi ? Json.object().set("error", error) : error);
  }
}

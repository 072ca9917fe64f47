package io.batchinfer.testing.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What bodies are answered with: functions of the body alone, whichever way it came. */
public final class RowAnswers {
  /** A text with this word in it is refused with 400. */
  public static final String REFUSED = "[refused]";

  private RowAnswers() {}

  /** What tells bodies apart. */
  public static String hash(JsonNode body) {
    return Json.hash(body);
  }

  /** What the answer to a chat with that hash says; not all of it is ASCII. */
  public static String said(String hash) {
    return "écho " + hash;
  }

  static boolean isRefused(JsonNode body) {
    return body.toString().contains(REFUSED);
  }

  /** A rough number of the tokens that a body asks with. */
  static int promptTokens(JsonNode body) {
    return 1 + body.toString().length() / 4;
  }

  static ObjectNode answer(String endpoint, String hash, int promptTokens) {
    return endpoint.endsWith("/embeddings")
        ? embedding(hash, promptTokens)
        : completion(hash, promptTokens);
  }

  private static ObjectNode completion(String hash, int promptTokens) {
    ObjectNode answer = Json.object();
    answer.put("id", "chatcmpl-" + hash).put("object", "chat.completion");
    answer.put("created", 1_767_225_600).put("model", "fake");
    ObjectNode choice = answer.putArray("choices").addObject().put("index", 0);
    choice.putObject("message").put("role", "assistant").put("content", said(hash));
    choice.put("finish_reason", "stop");
    int completionTokens = 1 + Integer.parseInt(hash.substring(0, 2), 16) % 50;
    answer
        .putObject("usage")
        .put("prompt_tokens", promptTokens)
        .put("completion_tokens", completionTokens)
        .put("total_tokens", promptTokens + completionTokens);
    return answer;
  }

  private static ObjectNode embedding(String hash, int promptTokens) {
    ObjectNode answer = Json.object().put("object", "list").put("model", "fake");
    ObjectNode vector = answer.putArray("data").addObject();
    vector.put("object", "embedding").put("index", 0);
    ArrayNode numbers = vector.putArray("embedding");
    for (int i = 0; i < 8; i += 2) {
      numbers.add(Integer.parseInt(hash.substring(i, i + 2), 16) / 256.0);
    }
    answer.putObject("usage").put("prompt_tokens", promptTokens).put("total_tokens", promptTokens);
    return answer;
  }

  static ObjectNode refusal() {
    ObjectNode body = Json.object();
    body.putObject("error")
        .put("message", "The text has a word that is refused.")
        .put("type", "invalid_request_error")
        .putNull("param")
        .put("code", "content_refused");
    return body;
  }
}

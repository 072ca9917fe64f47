package io.batchinfer.engine.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.util.Map;
import java.util.Objects;

/**
 * What an endpoint would bill, counted by the rules that OpenAI publishes, step by step as its
 * examples do it and apart from the estimator.
 */
final class ExactBill {
  /** Sizes of images and what the provider's pages say that they cost gpt-4o. */
  private static final Map<String, Integer> IMAGES =
      Map.of("1024x1024", 765, "2048x4096", 1_105, "512x512", 255, "low", 85);

  private final Encoding encoding;

  ExactBill(EncodingType type) {
    this.encoding = Encodings.newLazyEncodingRegistry().getEncoding(type);
  }

  /** Of an image of that size at gpt-4o. */
  static long image(String size) {
    return Objects.requireNonNull(IMAGES.get(size));
  }

  int count(String text) {
    return encoding.countTokensOrdinary(text);
  }

  /** Of a chat: the messages, and the tools where there are any. */
  int chat(JsonNode body) {
    int tokens = 3;
    for (JsonNode message : body.path("messages")) {
      tokens += 3 + count(message.path("role").asText());
      if (message.path("content").isTextual()) {
        tokens += count(message.path("content").asText());
      }
      for (JsonNode part : message.path("content")) {
        tokens += part.has("text") ? count(part.path("text").asText()) : 0;
      }
      if (message.has("name")) {
        tokens += 1 + count(message.path("name").asText());
      }
    }
    return tokens + tools(body.path("tools"));
  }

  private int tools(JsonNode tools) {
    int tokens = 0;
    for (JsonNode tool : tools) {
      JsonNode function = tool.path("function");
      String description = function.path("description").asText().replaceAll("\\.$", "");
      tokens += 7 + count(function.path("name").asText() + ":" + description);
      JsonNode properties = function.path("parameters").path("properties");
      tokens += properties.isEmpty() ? 0 : 3;
      for (Map.Entry<String, JsonNode> property : properties.properties()) {
        JsonNode value = property.getValue();
        tokens += 3;
        if (value.has("enum")) {
          tokens -= 3;
          for (JsonNode item : value.path("enum")) {
            tokens += 3 + count(item.asText());
          }
        }
        tokens +=
            count(
                property.getKey()
                    + ":"
                    + value.path("type").asText()
                    + ":"
                    + value.path("description").asText().replaceAll("\\.$", ""));
      }
    }
    return tools.isEmpty() ? 0 : tokens + 12;
  }
}

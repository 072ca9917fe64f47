package io.batchinfer.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** The text that a request ends with, to be given back as its answer. */
final class EchoedText {
  private EchoedText() {}

  /** The last message, or the last of the texts; empty where the request has none. */
  static Optional<String> of(RequestFields fields) {
    List<Item> items = fields.firstItems("messages", "input", "prompt", "inputs");
    if (items.isEmpty()) {
      return Optional.empty();
    }
    try {
      return text(RequestReader.tree(items.get(items.size() - 1), fields.body));
    } catch (IOException e) {
      throw new UncheckedIOException("what was read before cannot be read again", e);
    }
  }

  /** The last of several; of an object its content, or its text. */
  private static Optional<String> text(JsonNode node) {
    if (node.isTextual()) {
      return Optional.of(node.textValue());
    }
    if (node.isArray()) {
      for (int i = node.size() - 1; i >= 0; i--) {
        Optional<String> text = text(node.get(i));
        if (text.isPresent()) {
          return text;
        }
      }
      return Optional.empty();
    }
    return node.isObject()
        ? text(node.path("content")).or(() -> text(node.path("text")))
        : Optional.empty();
  }
}

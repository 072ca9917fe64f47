package io.batchinfer.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What the simulated endpoint reads of a request; everything else in it only shapes the hash. */
final class RequestFields {
  static final int BYTES_PER_TOKEN = 4;

  final byte[] body;
  final Set<String> present = new HashSet<>();
  final Map<String, List<Item>> items = new HashMap<>();
  Optional<String> model = Optional.empty();
  Optional<String> encodingFormat = Optional.empty();
  OptionalInt maximumTokens = OptionalInt.empty();
  OptionalInt dimensions = OptionalInt.empty();
  OptionalInt topN = OptionalInt.empty();
  int choices = 1;
  boolean streamed;
  boolean jsonAnswer;

  /** Text by which an answer of a certain form is asked for; missing where it is not. */
  JsonNode format = MissingNode.getInstance();

  JsonNode tools = MissingNode.getInstance();
  JsonNode toolChoice = MissingNode.getInstance();

  /** Whether the conversation ends with what a tool answered. */
  boolean afterTool;

  boolean echoed;
  List<Integer> pages = new ArrayList<>();

  RequestFields(byte[] body) {
    this.body = body;
  }

  /** A rough count: a quarter of the bytes, at least one. */
  static int tokensOf(int bytes) {
    return Math.max(1, (bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN);
  }

  boolean has(String field) {
    return present.contains(field);
  }

  List<Item> items(String field) {
    return items.getOrDefault(field, List.of());
  }

  /** Messages side by side are one conversation; lists of messages are one each. */
  List<Item> conversations(String field) {
    List<Item> all = items(field);
    if (all.isEmpty() || body[all.get(0).from()] != '{') {
      return all;
    }
    int from = all.get(0).from();
    int to = all.get(all.size() - 1).to();
    return List.of(new Item(Mix.ofBytes(body, from, to), from, to));
  }

  /** The items of the first of these fields that is there. */
  List<Item> firstItems(String... fields) {
    for (String field : fields) {
      if (!items(field).isEmpty()) {
        return items(field);
      }
    }
    return List.of();
  }

  int promptTokens() {
    int bytes = 0;
    for (List<Item> field : items.values()) {
      for (Item item : field) {
        bytes += item.to() - item.from();
      }
    }
    return tokensOf(bytes);
  }
}

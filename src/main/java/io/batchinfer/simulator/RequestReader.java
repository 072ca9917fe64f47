package io.batchinfer.simulator;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads the few fields of a JSON request that an answer needs, in one pass. */
final class RequestReader {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private static final ObjectMapper TREES = new ObjectMapper(JSON);

  /** Fields whose elements are things to answer about; others in this set count as one thing. */
  private static final Set<String> MANY =
      Set.of("input", "prompt", "documents", "texts", "text_1", "text_2", "queries");

  private static final Set<String> ONE =
      Set.of("messages", "system", "inputs", "instructions", "suffix", "query", "document");

  private RequestReader() {}

  /** Thrown for a request that a provider would answer 400. */
  static final class BadRequest extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Refusal refusal;

    BadRequest(Refusal refusal) {
      super(refusal.message(), null, false, false);
      this.refusal = refusal;
    }

    Refusal refusal() {
      return refusal;
    }
  }

  static RequestFields read(byte[] body) throws BadRequest {
    RequestFields fields = new RequestFields(body);
    try (JsonParser json = JSON.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw notJson();
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        if (json.nextToken() != JsonToken.VALUE_NULL) {
          fields.present.add(name);
          readField(json, name, fields);
        }
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw notJson();
      }
      fields.afterTool = fields.tools.isArray() && endsWithToolOutput(fields);
      return fields;
    } catch (JsonProcessingException e) {
      throw notJson();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void readField(JsonParser json, String name, RequestFields fields)
      throws IOException, BadRequest {
    switch (name) {
      case "model" -> fields.model = Optional.of(string(json, name));
      case "encoding_format" -> fields.encodingFormat = Optional.of(string(json, name));
      case "max_tokens", "max_completion_tokens", "max_output_tokens" ->
          fields.maximumTokens = OptionalInt.of(positive(json, name));
      case "dimensions", "output_dimension" ->
          fields.dimensions = OptionalInt.of(positive(json, name));
      case "top_n" -> fields.topN = OptionalInt.of(positive(json, name));
      case "n" -> fields.choices = positive(json, name);
      case "stream" -> fields.streamed = flag(json, name);
      case "echo" -> fields.echoed = flag(json, name);
      case "response_format" -> readFormat(tree(json, fields), name, fields);
      case "output_config" ->
          readFormat(tree(json, fields).path("format"), "output_config.format", fields);
      case "guided_json", "json_schema", "format" -> readSchema(tree(json, fields), fields);
      case "structured_outputs" -> readSchema(tree(json, fields).path("json"), fields);
      case "text" -> readFormat(tree(json, fields).path("format"), "text.format", fields);
      case "tools" -> {
        Item item = item(json, fields.body);
        fields.items.put(name, List.of(item));
        fields.tools = tree(item, fields.body);
      }
      case "tool_choice" -> fields.toolChoice = tree(json, fields);
      case "pages" -> readPages(json, fields);
      case "messages" -> {
        if (json.currentToken() != JsonToken.START_ARRAY) {
          throw wrongType(name, "an array of messages");
        }
        readOne(json, name, fields);
      }
      default -> {
        if (MANY.contains(name)) {
          readMany(json, name, fields);
        } else if (ONE.contains(name)) {
          readOne(json, name, fields);
        } else {
          json.skipChildren();
        }
      }
    }
  }

  private static void readOne(JsonParser json, String name, RequestFields fields)
      throws IOException {
    Item item = item(json, fields.body);
    boolean empty = json.currentToken() == JsonToken.END_ARRAY && item.to() - item.from() <= 2;
    fields.items.put(name, empty ? List.of() : List.of(item));
  }

  /** A text or a list of numbers is one thing; a list of others is as many things. */
  private static void readMany(JsonParser json, String name, RequestFields fields)
      throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      readOne(json, name, fields);
      return;
    }
    int from = offset(json);
    List<Item> items = new ArrayList<>();
    boolean numbers = false;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      numbers |= json.currentToken() == JsonToken.VALUE_NUMBER_INT;
      if (numbers) {
        json.skipChildren();
      } else {
        items.add(item(json, fields.body));
      }
    }
    int to = (int) json.currentLocation().getByteOffset();
    fields.items.put(
        name, numbers ? List.of(new Item(Mix.ofBytes(fields.body, from, to), from, to)) : items);
  }

  private static Item item(JsonParser json, byte[] body) throws IOException {
    int from = offset(json);
    json.skipChildren();
    json.finishToken();
    int to = Math.max(from, (int) json.currentLocation().getByteOffset());
    return new Item(Mix.ofBytes(body, from, to), from, to);
  }

  private static int offset(JsonParser json) {
    return Math.max(0, (int) json.currentTokenLocation().getByteOffset());
  }

  private static JsonNode tree(JsonParser json, RequestFields fields) throws IOException {
    return tree(item(json, fields.body), fields.body);
  }

  /** The value of an item. */
  static JsonNode tree(Item item, byte[] body) throws IOException {
    return TREES.readTree(body, item.from(), item.to() - item.from());
  }

  private static boolean endsWithToolOutput(RequestFields fields) throws IOException {
    List<Item> items = fields.firstItems("messages", "input");
    if (items.isEmpty()) {
      return false;
    }
    JsonNode last = tree(items.get(items.size() - 1), fields.body);
    last = last.isArray() && !last.isEmpty() ? last.get(last.size() - 1) : last;
    return last.at("/content/0/type").asText().equals("tool_result")
        || last.path("role").asText().equals("tool")
        || last.path("type").asText().equals("function_call_output");
  }

  private static void readFormat(JsonNode format, String name, RequestFields fields)
      throws BadRequest {
    String type = format.path("type").asText();
    fields.jsonAnswer = type.startsWith("json");
    fields.format = format;
    if (type.equals("json_schema") && AnswerForm.schema(format).isEmpty()) {
      throw new BadRequest(
          Refusal.badRequest(
              "missing_required_parameter",
              name,
              "Missing required parameter: '" + name + "' of type json_schema has no schema."));
    }
  }

  private static void readSchema(JsonNode schema, RequestFields fields) {
    if (schema.isObject()) {
      fields.jsonAnswer = true;
      fields.format = TREES.createObjectNode().put("type", "json_schema").set("schema", schema);
    }
  }

  private static void readPages(JsonParser json, RequestFields fields) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
        fields.pages.add(json.getIntValue());
      }
      json.skipChildren();
    }
  }

  private static String string(JsonParser json, String name) throws IOException, BadRequest {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw wrongType(name, "a string");
    }
    return json.getText();
  }

  private static boolean flag(JsonParser json, String name) throws BadRequest {
    if (!json.currentToken().isBoolean()) {
      throw wrongType(name, "a boolean");
    }
    return json.currentToken() == JsonToken.VALUE_TRUE;
  }

  private static int positive(JsonParser json, String name) throws IOException, BadRequest {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw wrongType(name, "an integer");
    }
    long value = json.getLongValue();
    if (value < 1 || value > Integer.MAX_VALUE) {
      throw new BadRequest(
          Refusal.badRequest(
              "invalid_value", name, "Invalid value for '" + name + "': expected 1 or more."));
    }
    return (int) value;
  }

  private static BadRequest wrongType(String name, String expected) {
    return new BadRequest(
        Refusal.badRequest(
            "invalid_type", name, "Invalid type for '" + name + "': expected " + expected + "."));
  }

  private static BadRequest notJson() {
    return new BadRequest(
        new Refusal(
            400,
            "invalid_request_error",
            Optional.empty(),
            Optional.empty(),
            "We could not parse the JSON body of your request."));
  }
}

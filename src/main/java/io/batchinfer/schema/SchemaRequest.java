package io.batchinfer.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.config.AnswerSchemaForm;
import io.batchinfer.json.AsciiJson;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Says in a request what schema its answer is to fit, in the form of the endpoint.
 *
 * @see <a href="https://platform.openai.com/docs/guides/structured-outputs">OpenAI</a>
 * @see <a href="https://docs.claude.com/en/docs/build-with-claude/structured-outputs">Anthropic</a>
 * @see <a href="https://docs.vllm.ai/en/latest/features/structured_outputs/">vLLM</a>
 * @see <a href="https://huggingface.co/docs/text-generation-inference/conceptual/guidance">TGI</a>
 * @see <a href="https://loraexchange.ai/guides/structured_output/">LoRAX</a>
 */
public final class SchemaRequest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String RESPONSES = "/v1/responses";
  private static final String MESSAGES = "/v1/messages";
  private static final String COMPLETIONS = "/v1/completions";

  private static final String RESPONSE_FORMAT = "response_format";
  private static final String SCHEMA = "schema";
  private static final String TYPE = "type";
  private static final String JSON_SCHEMA = "json_schema";
  private static final String JSON_OBJECT = "json_object";

  /** OpenAI takes no other characters in the name of a schema, and no more of them. */
  private static final Pattern NO_NAME = Pattern.compile("[^a-zA-Z0-9_-]+");

  private static final int LONGEST_NAME = 64;
  private static final String USUAL_NAME = "answer";

  private SchemaRequest() {}

  /** What requests say, by the canonical path of the endpoint; others have no place for it. */
  public static Map<String, SchemaField> fields(AnswerSchema schema, AnswerSchemaForm form) {
    Map<String, SchemaField> fields = new HashMap<>();
    JsonNode json = schema.json();
    switch (form) {
      case STANDARD -> {
        ObjectNode named = named(json);
        fields.put(CHAT, field(RESPONSE_FORMAT, object(TYPE, JSON_SCHEMA).set(JSON_SCHEMA, named)));
        fields.put(RESPONSES, inner("text", "format", object(TYPE, JSON_SCHEMA).setAll(named)));
        fields.put(
            MESSAGES,
            inner("output_config", "format", object(TYPE, JSON_SCHEMA).set(SCHEMA, json)));
      }
      case JSON_OBJECT_SCHEMA ->
          fields.put(CHAT, field(RESPONSE_FORMAT, object(TYPE, JSON_OBJECT).set(SCHEMA, json)));
      case JSON_OBJECT_VALUE ->
          fields.put(CHAT, field(RESPONSE_FORMAT, object(TYPE, JSON_OBJECT).set("value", json)));
      case GUIDED_JSON -> onTexts(fields, field("guided_json", json));
      case STRUCTURED_OUTPUTS ->
          onTexts(
              fields,
              field("structured_outputs", JsonNodeFactory.instance.objectNode().set("json", json)));
      case JSON_SCHEMA -> onTexts(fields, field(JSON_SCHEMA, json));
      case FORMAT -> onTexts(fields, field("format", json));
    }
    return Map.copyOf(fields);
  }

  private static void onTexts(Map<String, SchemaField> fields, SchemaField field) {
    fields.put(CHAT, field);
    fields.put(COMPLETIONS, field);
  }

  private static SchemaField field(String name, JsonNode value) {
    return new SchemaField(name, Optional.empty(), AsciiJson.bytes(value));
  }

  private static SchemaField inner(String name, String inner, JsonNode value) {
    return new SchemaField(name, Optional.of(inner), AsciiJson.bytes(value));
  }

  private static ObjectNode object(String field, String value) {
    return JsonNodeFactory.instance.objectNode().put(field, value);
  }

  private static ObjectNode named(JsonNode schema) {
    ObjectNode named = object("name", name(schema)).put("strict", StrictShape.has(schema));
    named.set(SCHEMA, schema);
    return named;
  }

  private static String name(JsonNode schema) {
    String title = NO_NAME.matcher(schema.path("title").asText("")).replaceAll("_");
    String name = title.substring(0, Math.min(title.length(), LONGEST_NAME));
    return name.chars().allMatch(each -> each == '_') ? USUAL_NAME : name;
  }
}

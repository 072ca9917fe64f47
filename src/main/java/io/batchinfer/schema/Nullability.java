package io.batchinfer.schema;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Makes schemas accept null, in the way that strict schemas allow. */
public final class Nullability {
  private static final String NULL = "null";

  private Nullability() {}

  /** The same schema, which null fits as well. */
  public static ObjectNode nullable(ObjectNode schema) {
    if (!schema.path("type").isTextual()) {
      return schema;
    }
    ObjectNode nullable = schema.deepCopy();
    ArrayNode types = JsonNodeFactory.instance.arrayNode();
    types.add(schema.get("type").asText()).add(NULL);
    nullable.set("type", types);
    if (nullable.path("enum") instanceof ArrayNode values) {
      values.addNull();
    }
    return nullable;
  }
}

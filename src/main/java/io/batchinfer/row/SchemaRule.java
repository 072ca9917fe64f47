package io.batchinfer.row;

import io.batchinfer.schema.SchemaField;
import java.util.Map;

/**
 * What a job's answer schema means for its lines.
 *
 * @param inRequests whether requests say it; then none may say anything else of the kind
 * @param form how they say it, as the option has it
 * @param fields what they say, by the endpoints that have a place for it
 */
public record SchemaRule(boolean inRequests, String form, Map<String, SchemaField> fields) {
  /** Answers are checked and lines stay as they are. */
  public static final SchemaRule CHECK_ONLY = new SchemaRule(false, "", Map.of());

  public SchemaRule {
    fields = Map.copyOf(fields);
  }
}

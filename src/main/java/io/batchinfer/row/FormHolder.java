package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.schema.SchemaField;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * A field of a body that holds others, of which one may say what form the answer is to have.
 *
 * @param start where its first field stands, in the line; -1 if it is not an object
 * @param empty whether it holds nothing
 * @param names what it holds
 */
record FormHolder(int start, boolean empty, Set<String> names) {
  /** Reads the value that is the parser's current token. */
  static FormHolder read(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return new FormHolder(-1, true, Set.of());
    }
    int start = (int) parser.currentLocation().getByteOffset();
    Set<String> names = new HashSet<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      names.add(parser.currentName());
      parser.nextToken();
      parser.skipChildren();
    }
    return new FormHolder(start, names.isEmpty(), names);
  }

  /** Whether the field may be added to it. */
  boolean takes(SchemaField field) {
    return start >= 0 && field.inner().filter(names::contains).isEmpty();
  }
}

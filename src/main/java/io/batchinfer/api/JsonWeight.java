package io.batchinfer.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import java.io.IOException;

/**
 * How much memory a JSON text takes up as a tree and as what is made of that, estimated from above
 * without making the tree: an empty object of two bytes becomes a hundred.
 */
public final class JsonWeight {
  /** The bytes themselves, their characters in two bytes each, and the lines made of them. */
  private static final int BYTES_PER_BYTE = 4;

  private static final int OBJECT = 170;
  private static final int ARRAY = 110;
  private static final int FIELD = 100;
  private static final int WHOLE_NUMBER = 32;
  private static final int OTHER = 100;

  private JsonWeight() {}

  /** Bytes; of a text that is not JSON, those up to where it ends to be some. */
  public static long of(byte[] json) {
    long weight = (long) BYTES_PER_BYTE * json.length;
    try (JsonParser parser = Json.parser(json, 0, json.length)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        weight += of(token);
      }
    } catch (IOException e) {
      // Whatever makes the tree stops at the same place, and says why.
    }
    return weight;
  }

  private static int of(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> OBJECT;
      case START_ARRAY -> ARRAY;
      case FIELD_NAME -> FIELD;
      case VALUE_NUMBER_INT -> WHOLE_NUMBER;
      case END_OBJECT, END_ARRAY -> 0;
      default -> OTHER;
    };
  }
}

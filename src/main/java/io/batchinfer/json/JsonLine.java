package io.batchinfer.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Map;

/** What a command says with {@code --json}: one object on one line. */
public final class JsonLine {
  private JsonLine() {}

  /** Renders texts, numbers, booleans, nulls, lists and maps, in the map's order. */
  public static String of(Map<String, ?> object) {
    try {
      return Json.MAPPER.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not made of plain values", e);
    }
  }

  /** Whether the bytes are one JSON object in UTF-8, with or without a byte order mark. */
  public static boolean isObject(byte[] bytes) {
    int start = AsciiJson.hasByteOrderMark(bytes) ? 3 : 0;
    try (JsonParser parser = Json.parser(bytes, start, bytes.length - start)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }
}

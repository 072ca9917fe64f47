package io.batchinfer.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
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
}

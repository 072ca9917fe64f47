package io.batchinfer.table.render;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;

/** JSON that a row holds as text, which may be anything. It is sent as it is written. */
final class JsonText {
  private JsonText() {}

  /** A top-level member and where its value stands. */
  record Member(String name, int start, int end) {}

  /** An object on one line, and its top-level members. */
  @SuppressWarnings("ArrayRecordComponent")
  record JsonObject(byte[] bytes, List<Member> members) {}

  /** The object that a row holds, checked. */
  static JsonObject object(InternalRow row, int place, String flag) throws Unsendable {
    byte[] bytes = oneLine(bytes(row, place, flag));
    return new JsonObject(bytes, read(bytes, flag, JsonToken.START_OBJECT, "an object"));
  }

  /** The array that a row holds, checked and on one line. */
  static byte[] array(InternalRow row, int place, String flag) throws Unsendable {
    byte[] bytes = oneLine(bytes(row, place, flag));
    read(bytes, flag, JsonToken.START_ARRAY, "an array");
    return bytes;
  }

  /** The JSON of a row as Spark wrote it. */
  static byte[] bytes(InternalRow row, int place, String flag) throws Unsendable {
    if (row.isNullAt(place)) {
      throw Unsendable.missing(
          "The expression of %s is null. Leave such rows out, or give coalesce() another value."
              .formatted(flag));
    }
    return Utf8.checked(row.getBinary(place), flag);
  }

  private static List<Member> read(byte[] json, String flag, JsonToken start, String kind)
      throws Unsendable {
    List<Member> members = new ArrayList<>();
    try (JsonParser parser = Json.parser(json, 0, json.length)) {
      if (parser.nextToken() != start) {
        throw Unsendable.invalid(
            "The JSON that %s gives is not %s, but begins with %s."
                .formatted(flag, kind, beginning(json)));
      }
      if (start == JsonToken.START_ARRAY) {
        parser.skipChildren();
      } else {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          int from = (int) parser.currentTokenLocation().getByteOffset();
          parser.skipChildren();
          parser.finishToken();
          members.add(new Member(name, from, (int) parser.currentLocation().getByteOffset()));
        }
      }
      if (parser.nextToken() != null) {
        throw Unsendable.invalid("The JSON that %s gives goes on after its end.".formatted(flag));
      }
    } catch (JsonProcessingException e) {
      throw Unsendable.invalid(
          "What %s gives is not valid JSON: %s. It begins with %s."
              .formatted(flag, e.getOriginalMessage(), beginning(json)));
    } catch (IOException e) {
      throw Unsendable.invalid("What %s gives is not JSON.".formatted(flag));
    }
    return members;
  }

  /** In JSON, a line can only break between tokens. */
  private static byte[] oneLine(byte[] json) {
    for (int i = 0; i < json.length; i++) {
      if (json[i] == '\n' || json[i] == '\r') {
        json[i] = ' ';
      }
    }
    return json;
  }

  private static String beginning(byte[] json) {
    String text = new String(json, 0, Math.min(json.length, 160), StandardCharsets.UTF_8).strip();
    return text.isEmpty()
        ? "nothing"
        : "\"" + (text.length() <= 40 ? text : text.substring(0, 40) + "…") + "\"";
  }
}

package io.batchinfer.remote;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import java.io.IOException;

/** How many inputs a request has, which providers limit beside the requests of a batch. */
public final class RequestInputs {
  private RequestInputs() {}

  /**
   * The inputs of a body.
   *
   * @param body one JSON object
   * @param field that holds one input, or an array of them; an array of numbers is one input
   */
  public static long count(byte[] body, String field) {
    try (JsonParser parser = Json.parser(body, 0, body.length)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = parser.currentName().equals(field);
        if (parser.nextToken() == JsonToken.START_ARRAY && wanted) {
          return Math.max(1, elements(parser));
        }
        parser.skipChildren();
      }
    } catch (IOException e) {
      // What is no JSON is refused elsewhere, as one request.
      return 1;
    }
    return 1;
  }

  private static long elements(JsonParser parser) throws IOException {
    long count = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      if (token.isNumeric()) {
        return 1;
      }
      parser.skipChildren();
      count++;
    }
    return count;
  }
}

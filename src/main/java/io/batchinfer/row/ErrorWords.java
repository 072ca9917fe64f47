package io.batchinfer.row;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.json.Json;
import java.io.IOException;

/**
 * What a line of {@code errors/} says in words.
 *
 * @param customId empty where the row has none
 * @param message of the program, or of the endpoint that refused; its status where it said nothing
 */
public record ErrorWords(String customId, String message) {

  /** The words of a line that {@link ResultLineWriter} wrote; empty ones where it is none. */
  public static ErrorWords of(byte[] line) {
    try {
      JsonNode node = Json.MAPPER.readTree(line);
      return new ErrorWords(node.path("custom_id").asText(""), message(node));
    } catch (IOException e) {
      return new ErrorWords("", "");
    }
  }

  private static String message(JsonNode line) {
    JsonNode own = line.path("error").path("message");
    if (own.isTextual()) {
      return own.asText();
    }
    JsonNode response = line.path("response");
    JsonNode body = response.path("body");
    for (JsonNode said :
        new JsonNode[] {
          body.path("error").path("message"),
          body.path("message"),
          body.path("detail"),
          body.path("error")
        }) {
      if (said.isTextual()) {
        return said.asText();
      }
    }
    return "status " + response.path("status_code").asText();
  }
}

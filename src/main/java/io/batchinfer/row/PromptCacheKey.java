package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The field by which a chat request says which others begin like it, so that an endpoint of many
 * servers sends them to the one that has what they share.
 */
public final class PromptCacheKey {
  private static final String FIELD = "prompt_cache_key";
  private static final Set<String> PATHS = Set.of("/v1/chat/completions", "/v1/responses");

  private PromptCacheKey() {}

  /** Whether requests to that canonical path may have one. */
  public static boolean belongsTo(String path) {
    return PATHS.contains(path);
  }

  /**
   * A body with a key; the same body where it has one.
   *
   * @param body a JSON object
   * @param group what is the same for rows that begin alike
   */
  public static byte[] put(byte[] body, long group) {
    int start = 0;
    try (JsonParser parser = Json.FACTORY.createParser(body)) {
      parser.nextToken();
      start = (int) parser.currentTokenLocation().getByteOffset() + 1;
      boolean empty = true;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        if (parser.currentName().equals(FIELD)) {
          return body;
        }
        empty = false;
        parser.nextToken();
        parser.skipChildren();
      }
      String field = "\"%s\":\"batchinfer-%016x\"%s".formatted(FIELD, group, empty ? "" : ",");
      return spliced(body, start, field.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new IllegalArgumentException("a body that was parsed before is no JSON", e);
    }
  }

  private static byte[] spliced(byte[] body, int at, byte[] field) {
    byte[] whole = new byte[body.length + field.length];
    System.arraycopy(body, 0, whole, 0, at);
    System.arraycopy(field, 0, whole, at, field.length);
    System.arraycopy(body, at, whole, at + field.length, body.length - at);
    return whole;
  }
}

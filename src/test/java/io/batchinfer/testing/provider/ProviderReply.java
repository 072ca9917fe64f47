package io.batchinfer.testing.provider;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What goes back.
 *
 * @param shown how many bytes of the body are sent before the connection breaks; all of them for a
 *     whole answer, and fewer than none for no answer at all
 */
record ProviderReply(
    int status, String contentType, Map<String, String> headers, byte[] body, int shown) {

  static ProviderReply json(int status, JsonNode body) {
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    return new ProviderReply(status, "application/json", Map.of(), bytes, bytes.length);
  }

  static ProviderReply content(byte[] bytes) {
    return new ProviderReply(200, "application/octet-stream", Map.of(), bytes, bytes.length);
  }

  /** The connection closes instead. */
  static ProviderReply none() {
    return new ProviderReply(0, "", Map.of(), new byte[0], -1);
  }

  ProviderReply with(String header, String value) {
    return new ProviderReply(status, contentType, Map.of(header, value), body, shown);
  }

  ProviderReply brokenOff() {
    return new ProviderReply(status, contentType, headers, body, body.length / 2);
  }
}

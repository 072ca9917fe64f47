package io.batchinfer.testing.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request as it came.
 *
 * @param path with no slash at either end
 * @param query the first value of each parameter
 * @param contentType empty without the header
 * @param authorization empty without the header
 */
record ProviderCall(
    String method,
    String path,
    Map<String, String> query,
    String contentType,
    String authorization,
    byte[] body) {

  static ProviderCall read(HttpExchange exchange) throws IOException {
    Map<String, String> query = new LinkedHashMap<>();
    String raw = Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
    for (String pair : raw.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        query.putIfAbsent(
            URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return new ProviderCall(
        exchange.getRequestMethod(),
        exchange.getRequestURI().getPath().replaceAll("^/+|/+$", ""),
        query,
        header(exchange, "Content-Type"),
        header(exchange, "Authorization"),
        exchange.getRequestBody().readAllBytes());
  }

  private static String header(HttpExchange exchange, String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).orElse("");
  }

  /** What it asks for, such as {@code GET v1/files/*}. */
  String route() {
    List<String> parts = new ArrayList<>(List.of(path.split("/", -1)));
    for (int i = 2; i < parts.size(); i++) {
      boolean named = List.of("content", "cancel", "jobs", "completions").contains(parts.get(i));
      parts.set(i, named ? parts.get(i) : "*");
    }
    return method + " " + String.join("/", parts);
  }

  /** The n-th part of the path, from 0. */
  String part(int n) {
    return path.split("/", -1)[n];
  }

  ObjectNode json() {
    try {
      JsonNode read = Json.MAPPER.readTree(body);
      if (read instanceof ObjectNode object) {
        return object;
      }
    } catch (IOException e) {
      throw new ProviderRefusal(400, "invalid_json", "", "The body is not valid JSON: " + e);
    }
    throw new ProviderRefusal(400, "invalid_json", "", "The body is not a JSON object.");
  }

  /** A parameter that is a number within bounds. */
  int number(String name, int least, int most, int otherwise) {
    String text = query.get(name);
    if (text == null) {
      return otherwise;
    }
    int value;
    try {
      value = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new ProviderRefusal(400, "invalid_type", name, "Not an integer: " + text);
    }
    if (value < least || value > most) {
      throw new ProviderRefusal(
          400,
          "integer_out_of_bounds",
          name,
          "Expected %d to %d: %d".formatted(least, most, value));
    }
    return value;
  }
}

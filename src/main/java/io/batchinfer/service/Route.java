package io.batchinfer.service;

import io.vertx.core.http.HttpMethod;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One path of the service with one method.
 *
 * @param pattern path in which {@code {name}} stands for one segment
 * @param open whether it is served without a key
 */
record Route(HttpMethod method, String pattern, boolean open, Action action) {
  /** What answers a call. Runs on the connection's event loop and must not block. */
  interface Action {
    void serve(Call call);
  }

  /** The path's variable segments, decoded; empty where the path is another. */
  Optional<Map<String, String>> match(String[] segments) {
    String[] parts = pattern.split("/", -1);
    if (parts.length != segments.length) {
      return Optional.empty();
    }
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < parts.length; i++) {
      if (parts[i].startsWith("{")) {
        if (segments[i].isEmpty()) {
          return Optional.empty();
        }
        variables.put(parts[i].substring(1, parts[i].length() - 1), segments[i]);
      } else if (!parts[i].equals(segments[i])) {
        return Optional.empty();
      }
    }
    return Optional.of(variables);
  }
}

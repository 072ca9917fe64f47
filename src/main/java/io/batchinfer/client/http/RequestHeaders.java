package io.batchinfer.client.http;

import io.batchinfer.client.OutboundRequest;
import io.vertx.core.MultiMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The headers of requests: those of every request, made once, and those of one. */
final class RequestHeaders {
  /** By name; gone through for every request. */
  private final List<Map.Entry<String, String>> constant;

  RequestHeaders(Map<String, String> configured, Map<String, String> forProxy) {
    Map<String, String> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    byName.put("user-agent", "batchinfer");
    byName.put("accept-encoding", "gzip");
    for (Map<String, String> some : List.of(configured, forProxy)) {
      some.forEach((name, value) -> putAsWritten(byName, name, value));
    }
    constant = byName.entrySet().stream().map(Map.Entry::copyOf).toList();
  }

  /** The name, too, is that of the last one. */
  private static void putAsWritten(Map<String, String> byName, String name, String value) {
    byName.remove(name);
    byName.put(name, value);
  }

  /** Those of every request, without one of them. */
  Map<String, String> constantExcept(String name) {
    Map<String, String> others = new LinkedHashMap<>();
    for (Map.Entry<String, String> header : constant) {
      if (!name.equalsIgnoreCase(header.getKey())) {
        others.put(header.getKey(), header.getValue());
      }
    }
    return others;
  }

  void writeTo(MultiMap headers, OutboundRequest request, String contentType, int contentLength) {
    for (Map.Entry<String, String> header : constant) {
      headers.add(header.getKey(), header.getValue());
    }
    for (Map.Entry<String, String> header : request.headers().entrySet()) {
      requireSafe(header.getKey(), header.getValue());
      headers.set(header.getKey(), header.getValue());
    }
    headers.set("content-type", contentType);
    headers.set("content-length", Integer.toString(contentLength));
  }

  /** Refuses what could end a header line early; the message does not repeat the value. */
  static void requireSafe(String name, String value) {
    boolean safeName =
        !name.isEmpty()
            && name.chars()
                .allMatch(c -> c > ' ' && c < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0);
    if (!safeName) {
      throw new IllegalArgumentException(
          "Header name \"" + name.replaceAll("\\p{Cntrl}", "?") + "\" is not a valid name.");
    }
    if (!value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7f && c <= 0xff))) {
      throw new IllegalArgumentException(
          "The value of header \""
              + name
              + "\" contains a line break, a control or a non-Latin character. Remove it.");
    }
  }
}

package io.batchinfer.client.http;

import io.batchinfer.client.OutboundRequest;
import io.vertx.core.MultiMap;
import java.util.Map;
import java.util.TreeMap;

/** The headers of requests: those of every request, made once, and those of one. */
final class RequestHeaders {
  private final Map<String, String> constant = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  RequestHeaders(Map<String, String> configured, Map<String, String> forProxy) {
    constant.put("user-agent", "batchinfer");
    constant.put("accept-encoding", "gzip");
    configured.forEach(this::putConfigured);
    forProxy.forEach(this::putConfigured);
  }

  private void putConfigured(String name, String value) {
    constant.remove(name);
    constant.put(name, value);
  }

  /** Those of every request, without one of them. */
  Map<String, String> constantExcept(String name) {
    Map<String, String> others = new TreeMap<>(constant);
    others.keySet().removeIf(name::equalsIgnoreCase);
    return others;
  }

  void writeTo(MultiMap headers, OutboundRequest request, String contentType, int contentLength) {
    constant.forEach(headers::add);
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

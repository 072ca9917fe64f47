package io.batchinfer.pack;

import io.batchinfer.client.OutboundRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Rows for tests. */
final class PackRows {
  private PackRows() {}

  static OutboundRequest request(String body, String key) {
    return new OutboundRequest(
        "/v1/embeddings",
        new OutboundRequest.Json(body.getBytes(StandardCharsets.UTF_8)),
        key.isEmpty() ? Map.of() : Map.of(OutboundRequest.IDEMPOTENCY_KEY, key),
        "m",
        10);
  }

  static Optional<Packable> packable(String body) {
    return Packable.of(request(body, ""));
  }

  /** A row of that input, as JSON. */
  static PackRow row(String input, String key) {
    String body = "{\"model\":\"m\",\"input\":%s}".formatted(input);
    return new PackRow(Packable.of(request(body, key)).orElseThrow());
  }

  /** Rows that are alike, with the inputs t000, t001 …, which are named so in keys. */
  static List<PackRow> rows(int count) {
    return IntStream.range(0, count)
        .mapToObj("t%03d"::formatted)
        .map(name -> row("\"" + name + "\"", name))
        .toList();
  }

  static String bodyOf(OutboundRequest request) {
    byte[] content = ((OutboundRequest.Json) request.entity()).content();
    return new String(content, StandardCharsets.UTF_8);
  }
}
